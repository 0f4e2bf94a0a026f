"""What runs, compared with what the plan says."""
