"""What keeps a person’s name out of the texts of boards: display/privacy finds what looks like one."""
