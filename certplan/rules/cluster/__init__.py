"""CLU: the cluster's settings."""
