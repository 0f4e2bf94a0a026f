"""NIC: interfaces."""
