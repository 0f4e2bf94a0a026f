"""What happened: diagnostic logs of one or more peers, read as a stream and answered."""
