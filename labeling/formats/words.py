"""The words under which columns and keys are known, and what is done to what strangers write there."""

import re

from labeling.imaging.archives import DEFAULT_LIMITS
from labeling.imaging.archives.members import printable_name

# In the order in which they count where a file has several.
NAME_WORDS = ("file", "filename", "file_name", "path", "image", "name")
TEXT_WORDS = ("text", "label", "labels", "value", "words", "solution", "transcription", "choice")
HASH_WORDS = ("sha256", "sha-256")
SPLIT_WORDS = ("split", "subset")
ANNOTATOR_WORDS = ("annotator", "completed_by")

MAX_ANNOTATOR = 150

_SHA256 = re.compile(r"[0-9a-f]{64}")


def printable(text: str) -> str:
    """A name that can be shown and stored."""
    return printable_name(text, DEFAULT_LIMITS)


def sha256_from(value: object) -> str:
    """A SHA-256 as 64 lower-case hex digits, or an empty string where it is none."""
    text = str(value).strip().lower()
    return text if _SHA256.fullmatch(text) else ""
