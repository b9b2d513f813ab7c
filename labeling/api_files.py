"""How the API's document describes answers that are files."""

from typing import Any

_BYTES = {"schema": {"type": "string", "format": "binary"}}

FILE: dict[str, Any] = {"responses": {200: {"description": "The file", "content": {"*/*": _BYTES}}}}
PICTURE: dict[str, Any] = {"responses": {200: {"description": "The picture", "content": {"image/*": _BYTES}}}}
