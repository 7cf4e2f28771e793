"""Accounts: sign-in with a second factor, sessions that end, and invitations (decision 13)."""
