"""Words that speak to a judge or a model instead of to the buyer: found, shown, and worth nothing."""
