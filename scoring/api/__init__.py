"""REST of scores: parse, call a service, render."""
