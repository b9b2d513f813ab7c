"""How the API writes shares of what was counted."""

from ninja import Schema

from labeling.intervals import Share


class ShareOut(Schema):
    """So many of n, as a share 0..1 with its 95 % interval; no share where nothing was counted."""

    count: int
    n: int
    share: float | None
    interval: tuple[float, float]

    @classmethod
    def of(cls, share: Share | None) -> "ShareOut":
        counted = share or Share(0, 0)
        return cls(
            count=counted.count,
            n=counted.n,
            share=counted.value if counted.n else None,
            interval=(counted.interval.low, counted.interval.high),
        )
