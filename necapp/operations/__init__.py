"""How the service is run: backup and move of its database, whether it is well, what it counts and logs."""
