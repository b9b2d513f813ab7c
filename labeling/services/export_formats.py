"""The formats in which a project leaves the site. Whatever is above labelling adds its own with `register`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, ClassVar

from django import forms

from labeling.errors import Refused
from labeling.models import Project

Progress = Callable[[int], None]
"""Called with how many images are written so far; it may raise to end the writing."""


class ExportOptions(forms.Form):
    """What one may choose about an export: one form for pages, API and commands."""

    def __init__(self, project: Project, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.project = project

    @classmethod
    def cleaned(cls, project: Project, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Return checked options; what is not wished for has its usual value.

        Raises:
            Refused: an option is unknown, or its value does not work.
        """
        usual = {
            name: field.initial
            for name, field in cls(project).fields.items()
            if field.initial is not None and name not in wish
        }
        form = cls(project, data={**usual, **wish})
        if unknown := set(wish) - set(form.fields):
            known = ", ".join(form.fields) or "none"
            raise Refused(f"“{min(unknown)}” is no option of this format. Its options are: {known}.")
        for name, errors in form.errors.items():
            raise Refused(f"The option “{name}” does not work: {errors[0]}")
        return form.cleaned_data


class ExportFormat(ABC):
    """One format. `write` is called on a worker, with options that `options.cleaned` has checked."""

    name: ClassVar[str]
    """In addresses, rows and commands."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """A sentence or two for people."""
    hint: ClassVar[str] = ""
    """What else one must know to use the file."""
    options: ClassVar[type[ExportOptions]] = ExportOptions

    @abstractmethod
    def extension(self, options: Mapping[str, Any]) -> str:
        """Return the extension of the file, without a dot."""

    @abstractmethod
    def total(self, project: Project, options: Mapping[str, Any]) -> int:
        """Return how many images will be written.

        Raises:
            Refused: nothing can be written; it says why.
        """

    @abstractmethod
    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        """Write the file; return what people should know about it, a sentence or nothing.

        Raises:
            Refused: an image's file is missing, or the like.
        """


FORMATS: dict[str, ExportFormat] = {}
"""By name."""


def register(*formats: ExportFormat) -> None:
    """Offer further formats; apps call it when they are loaded."""
    FORMATS.update((one.name, one) for one in formats)


def format_named(name: str) -> ExportFormat:
    """Return the format of a name.

    Raises:
        Refused: there is none.
    """
    if name not in FORMATS:
        raise Refused(f"“{name}” is no format. Choose one of {', '.join(FORMATS)}.")
    return FORMATS[name]
