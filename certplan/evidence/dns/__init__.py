"""DNS views: asked live, read from zone files or stated."""
