"""What to do: suggestions, computed from the plan and what was seen of it."""
