"""Work packages: begun with an identifier, filled in, proposed and decided as one."""
