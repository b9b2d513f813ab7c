"""What pictures can be drawn in: a style of one's own or that of a package."""

from collections.abc import Mapping

from training.recognition.synthesis.packages import PackageStyle
from training.recognition.synthesis.style import Style

AnyStyle = Style | PackageStyle


def style_from_json(values: Mapping[str, object]) -> AnyStyle:
    """What the `to_json` of either wrote. Raises ValueError with a sentence."""
    if not isinstance(values, Mapping):
        raise ValueError("A style is an object whose values have names.")
    return PackageStyle.from_json(values) if "package" in values else Style.from_json(values)
