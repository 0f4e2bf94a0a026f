"""The changes in a safe order, every step simulated."""
