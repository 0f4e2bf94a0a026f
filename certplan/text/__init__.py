"""Words, names and addresses."""
