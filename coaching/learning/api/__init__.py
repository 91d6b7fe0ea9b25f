"""REST of certificates."""
