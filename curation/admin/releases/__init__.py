"""Releases: what one holds, what would be published, and which former one comes back."""
