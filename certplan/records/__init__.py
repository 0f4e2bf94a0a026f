"""What was observed at one time, kept so that it can be judged again without files or network, and compared."""
