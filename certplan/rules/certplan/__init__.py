"""CPL: certplan itself."""
