"""Changing a text file in its place: whole or not at all, and with all that the file system keeps of it."""

from certplan.storage import ChangedError, rewrite_text

__all__ = ["ChangedError", "rewrite_text"]
