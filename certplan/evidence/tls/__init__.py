"""What a port really shows when one connects to it by TLS."""
