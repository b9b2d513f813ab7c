"""What services raise for people."""


class Refused(Exception):
    """A wish that cannot be granted. The message says what happened, to what, and what to do about it."""


class ImageGone(Refused):
    """The image was deleted while somebody, or a worker, looked at it."""

    def __init__(
        self,
        sentence: str = "This image was deleted meanwhile, so there is nothing left to say about it. Go on.",
    ) -> None:
        super().__init__(sentence)
