"""One writer a form."""
