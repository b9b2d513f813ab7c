"""A model's files as people take them away. Whoever does is written down: they leave the site."""

import io
from dataclasses import dataclass
from typing import IO, Any, cast

from django.utils.text import slugify

from labeling.services.audit import Action, record
from training.model_card import model_card
from training.models import Model
from training.recognition.portable import write_archive

KINDS = {
    "onnx": "application/octet-stream",
    "keras": "application/octet-stream",
    "zip": "application/zip",
}
"""Each kind of file with its content type."""


class NoSuchFile(LookupError):
    """A model has no such file; the message is a sentence for people."""


@dataclass(frozen=True)
class ModelFile:
    """An open file, what it is, and the name to save it under."""

    content: IO[bytes]
    type: str
    name: str


def open_file(*, model: Model, user: Any, kind: str) -> ModelFile:
    """Open a model's file: `onnx` or `keras` as they are stored, or a `zip` that reads by itself, made now.

    Args:
        model: with its run, the run's dataset and preparation, and its project.

    Raises:
        NoSuchFile: there is no such kind, or the file is missing from the storage.
    """
    stored = model.keras_file if kind == "keras" else model.onnx_file
    if kind not in KINDS or not stored:
        raise NoSuchFile(f"{model} has no file of the kind {kind!r}.")
    try:
        content = cast(IO[bytes], stored.open("rb"))
    except FileNotFoundError:
        raise NoSuchFile(f"The file of {model} is missing from the storage.") from None
    if kind == "zip":
        content = _archive(model, content)
    detail = {"file": kind}
    record(project=model.project, user=user, action=Action.MODEL_DOWNLOADED, target=str(model), detail=detail)
    name = f"{slugify(model.project.name) or 'project'}-model-{model.run.number}.{kind}"
    return ModelFile(content, KINDS[kind], name)


def _archive(model: Model, onnx: IO[bytes]) -> IO[bytes]:
    card, target = model_card(model), io.BytesIO()
    with onnx:
        write_archive(target, model=onnx.read(), card=card.to_markdown(), card_json=card.to_json())
    target.seek(0)
    return target
