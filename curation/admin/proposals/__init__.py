"""Proposals and entries: what waits, what is proposed, what was decided."""
