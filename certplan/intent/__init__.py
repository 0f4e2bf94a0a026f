"""What should be: each peer's FQDN, the names, roles and dates of its certificate, the cluster address mapping.

Each of these questions is decided in one function here, and the rules, every command and every page ask it.
"""
