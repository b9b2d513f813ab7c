"""`ddddocr`'s own HTTP server, which `python -m ddddocr api` starts, with one repair.

In 1.6.1 its route passes the colour filters under names that its reader does not know, so every request fails with
status 500. Here the reader is called without them: they are empty unless somebody asks for them.
"""

from typing import Any

from ddddocr import DdddOcr
from ddddocr.api.app import app

__all__ = ["app"]

_classification = DdddOcr.classification


def _without_colours(
    self: DdddOcr, image: Any, *, colors: object, custom_color_ranges: object, **options: Any
) -> Any:
    assert not colors, custom_color_ranges
    return _classification(self, image, **options)


DdddOcr.classification = _without_colours
