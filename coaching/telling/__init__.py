"""Who is told of what is to be learned, what was finished, and what was earned by it."""
