"""SRV: the servers behind an Expressway-C."""
