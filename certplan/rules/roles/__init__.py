"""EKU: roles."""
