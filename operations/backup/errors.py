"""Why something is not backed up, restored or moved, in words for the person at the command line."""


class BackupError(Exception):
    """Nothing was changed, unless the message says otherwise."""
