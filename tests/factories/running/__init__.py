"""What stands in the database of a running app, made by a process beside it."""
