"""NAM: names in certificates."""
