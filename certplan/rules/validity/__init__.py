"""VAL: validity."""
