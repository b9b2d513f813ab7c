"""Text as every database takes it."""


def storable(text: str) -> str:
    """Return a text without NUL, which PostgreSQL refuses; what stands in its place is seen to be none."""
    return text.replace("\0", "\ufffd")
