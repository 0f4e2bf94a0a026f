"""ZON: zones to other clusters."""
