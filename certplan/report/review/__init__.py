"""The design review: everything known of a cluster on one page."""
