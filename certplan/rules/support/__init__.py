"""What several groups of rules share."""
