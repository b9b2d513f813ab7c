"""What fitting and self-training tell, as plain JSON for rows and pages."""

import base64
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.rendering import picture_to_png


def font_json(font: Any) -> dict[str, Any]:
    """Return a ranked font: its name, its score, where higher explains the images better, and its share 0..1."""
    values = _values(font)
    return {
        "name": str(values.get("name", "")),
        "score": plain(values.get("score")),
        "weight": plain(values.get("weight")),
    }


def finding_json(finding: Any) -> dict[str, Any]:
    """Return a finding: its name, what was measured, and a sentence."""
    values = _values(finding)
    return {
        "name": _words(values.get("name")),
        "value": plain(values.get("value")),
        "sentence": str(values.get("sentence", "")),
    }


def closeness_json(closeness: Any) -> dict[str, Any] | None:
    """Return how well drawn images can be told from real ones: an accuracy 0..1 with its 95 % interval, what gives
    them away, and a map of where, as a PNG's data URL."""
    if closeness is None:
        return None
    values = _values(closeness)
    where = values.get("where")
    return {
        "accuracy": float(values["accuracy"]),
        "low": float(values["low"]),
        "high": float(values["high"]),
        "n": int(values["n"]),
        "giveaways": [
            {
                "name": _words(each.get("name")),
                "accuracy": plain(each.get("accuracy")),
                "sentence": str(each.get("sentence", "")),
            }
            for each in map(_values, values.get("giveaways") or ())
        ],
        "map": map_url(np.asarray(where)) if where is not None else "",
    }


def map_url(where: NDArray[Any]) -> str:
    """Draw a map (h, w) of differences: the whiter, the larger."""
    values = where.astype(np.float32)
    values = (values - values.min()) / max(float(np.ptp(values)), 1e-9)
    return "data:image/png;base64," + base64.b64encode(picture_to_png(values[:, :, None])).decode()


def plain(value: Any) -> Any:
    """Return a value as JSON can keep it."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _words(name: Any) -> str:
    """Return a name of code as people write it."""
    return str(name or "").replace("_", " ")


def _values(thing: Any) -> dict[str, Any]:
    if isinstance(thing, Mapping):
        return dict(thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        # Not `asdict`, which copies arrays and turns small classes inside into dicts of their own.
        return {name: getattr(thing, name) for name in thing.__dataclass_fields__}
    return {name: getattr(thing, name) for name in dir(thing) if not name.startswith("_")}
