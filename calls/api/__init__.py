"""REST of calls: parse, call a service, render."""
