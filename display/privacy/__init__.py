"""Whether a text looks as if it identified a person: boards and the open door for reports of errors ask it."""
