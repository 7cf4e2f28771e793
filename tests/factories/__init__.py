"""What tests are made of: people, evidence, boards and documents."""
