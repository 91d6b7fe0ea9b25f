"""REST of authored content: authors see and write everything, everybody else reads what is published."""
