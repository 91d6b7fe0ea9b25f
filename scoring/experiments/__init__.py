"""What experiments show: outcomes of their calls, guards while they run, and one interval at their end."""
