"""MAP: cluster address mapping."""
