"""The least set of changes that makes a cluster ready."""
