"""What appliances export, and what a plan can take from it: bytes in, values with their places out."""
