"""What keeps a person's name out of labels and notes."""
