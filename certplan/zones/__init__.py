"""Two clusters judged together: the connection of a zone, from both of its ends."""
