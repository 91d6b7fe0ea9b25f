"""What a judge must pass before it may count: it is attacked, provoked with honest calls, and asked in two languages."""
