"""Second readings and the settling of what two readers read differently."""
