"""KEY: keys and signatures."""
