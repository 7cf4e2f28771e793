"""Surveillance in the admin: the desk, its searches, what is due to be read again, and the rows behind them."""
