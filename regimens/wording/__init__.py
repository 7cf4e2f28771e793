"""How it is said: an option, an estimate, a caution, a cohort put into words once, for page, board, PDF and card."""
