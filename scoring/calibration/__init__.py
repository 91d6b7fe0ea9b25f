"""Do people and judges agree? Blind marks of reviewers beside the machine's, and what follows for automatic certificates."""
