"""REST of the knowledge base."""
