"""What became of patients, and the board's figures: courses, survival, statistics and their exports."""
