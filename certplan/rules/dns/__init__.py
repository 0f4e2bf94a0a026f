"""DNS: records."""
