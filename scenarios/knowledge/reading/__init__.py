"""Files into text, one reader a format. `scenarios.knowledge.documents` chooses which."""
