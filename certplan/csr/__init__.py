"""Certificate signing requests: what they ask for, and whether a certificate keeps it."""
