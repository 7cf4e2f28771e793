"""The pages of boards: parse, call an action, present."""
