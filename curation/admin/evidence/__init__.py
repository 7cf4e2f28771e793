"""The rows of the evidence base, listed and shown."""
