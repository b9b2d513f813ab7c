"""The one error that services raise for people."""


class Refused(Exception):
    """A wish that cannot be granted. The message says what happened, to what, and what to do about it."""
