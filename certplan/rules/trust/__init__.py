"""TRU: chains and trusted CA lists."""
