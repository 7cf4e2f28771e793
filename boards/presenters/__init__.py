"""What pages of boards show, as plain values; figures of a ranking come from `boards.shown.stored_ranking` alone."""
