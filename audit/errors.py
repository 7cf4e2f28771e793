"""Why an action is refused: each message is for the person who asked for it."""


class ActionRefused(Exception):  # noqa: N818 - says of the action what it is
    """An action that is refused; the message says why, in the reader's language."""


class NotAllowed(ActionRefused):
    """Not by this person: nobody is signed in, or the permission, the role or a current statement is missing."""
