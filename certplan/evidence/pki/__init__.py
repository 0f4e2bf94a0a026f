"""Certificates, keys and CRLs read from files."""
