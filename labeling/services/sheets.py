"""Contact sheets: a hundred slices and more at a glance, each under the character that it should show.

A sheet looks at one window of images at a time, the least sure of all. All slices of the same few images come by soon,
so images get their texts early; and a sheet costs the same however many images a project has. The window is leased as
the queue leases images, so nobody else is handed them meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from labeling.models import Annotation, Image, Project, Slice, SliceConfirmation
from labeling.models.annotations import AnnotationSource
from labeling.models.sheets import Sheet
from labeling.services.preparations import current_preparation
from labeling.services.queue import lease_suggested
from labeling.slices import SuggestedCharacter, cells_of, equal_parts, part_url, prepared_slice_url

WINDOW = 300
"""How many images a sheet looks at."""

SIZES = (60, 120, 240)
DEFAULT_SIZE = 120
"""How many cells a sheet has."""

SHEET_PAGE = UUID("6f0d1e0a-3c55-4f0b-9a7e-5a1c0d5b7e21")
"""The page that all sheets of a person hold their images as: two tabs show the same sheet."""

UNKNOWN = 0.5
"""How sure a label is that no model has looked at."""


class SheetOf(StrEnum):
    """What the cells of a sheet are."""

    SLICES = "slices"
    """Slices of unlabelled images, under the characters that a model suggests."""
    IMAGES = "images"
    """Unlabelled images with their suggested texts."""
    LABELS = "labels"
    """Slices of labelled images, under the characters of their texts."""


@dataclass(frozen=True)
class Cell:
    """One slice on a sheet, or one whole image."""

    image: Image
    text: str
    """The text that is shown of the image, all of it."""
    url: str
    position: int | None = None
    """Of the slice's character in the text; None for a whole image."""

    @property
    def shown(self) -> str:
        return self.text if self.position is None else self.text[self.position]


@dataclass(frozen=True)
class Group:
    """The cells of a sheet that should all show one character; whole images are one group without."""

    character: str
    cells: list[Cell]


@dataclass(frozen=True)
class ContactSheet:
    """What a person looks at next."""

    of: SheetOf
    groups: list[Group]
    waiting: dict[str, int]
    """How many slices of each character are to be confirmed in the present window."""
    upcoming: list[str]
    """Addresses of the pictures on the sheet after this one."""

    @property
    def size(self) -> int:
        return sum(len(group.cells) for group in self.groups)

    @property
    def character(self) -> str:
        """The character that the sheet begins with."""
        return self.groups[0].character if self.groups else ""


def next_sheet(
    *, project: Project, user: Any, of: SheetOf, character: str = "", size: int = DEFAULT_SIZE
) -> ContactSheet:
    """Lease the next window of images to a user where they are unlabelled, and lay out a sheet of their cells.

    Args:
        character: the sheet begins with this one, or with the next that has slices left.
        size: how many cells the sheet has at most; characters follow each other until it is full.
    """
    if of == SheetOf.LABELS:
        images = _labelled_window(project, user)
    else:
        images = lease_suggested(project=project, user=user, count=WINDOW, page=SHEET_PAGE)
    if of == SheetOf.IMAGES:
        cells = [Cell(image, image.suggestion.text, image.thumbnail_url) for image in images]
        groups = [Group("", cells[:size])] if cells else []
        return ContactSheet(of, groups, {}, [cell.url for cell in cells[size : 2 * size]])
    return _sheet_of_slices(project, user, of, images, character, size)


def has_suggestions(project: Project) -> bool:
    """Whether suggestions wait to be confirmed, in whosever hands they are."""
    return Image.objects.unlabelled().filter(project=project, confidence__gt=0).exists()


def last_sheet(project: Project, user: Any) -> Sheet | None:
    """Return the sheet that a user can undo: the newest that stands."""
    return Sheet.objects.filter(project=project, user=user, withdrawn_at=None).order_by("-id").first()


def _labelled_window(project: Project, user: Any) -> list[Image]:
    """Return labelled images that a user has neither confirmed nor set aside, the least sure first."""
    of_user = Annotation.objects.filter(image=OuterRef("pk"), annotator=user, withdrawn_at=None)
    confirmed = of_user.filter(source=AnnotationSource.CONFIRMED)
    aside = SliceConfirmation.objects.filter(image=OuterRef("pk"), user=user, character="")
    images = Image.objects.labelled().filter(~Exists(confirmed), ~Exists(aside), project=project)
    return list(images.select_related("suggestion").order_by("confidence", "id")[:WINDOW])


@dataclass(frozen=True)
class _Piece:
    """A slice that waits to be confirmed."""

    image: Image
    text: str
    position: int
    probability: float


def _sheet_of_slices(
    project: Project, user: Any, of: SheetOf, images: Sequence[Image], character: str, size: int
) -> ContactSheet:
    waiting = _waiting_pieces(user, of, images)
    order = _from(character, project.alphabet)
    pieces = [piece for each in order for piece in waiting.get(each, ())]
    urls = _urls(project, pieces[: 2 * size])
    groups: list[Group] = []
    for piece, url in zip(pieces[:size], urls, strict=False):
        shown = piece.text[piece.position]
        if not groups or groups[-1].character != shown:
            groups.append(Group(shown, []))
        groups[-1].cells.append(Cell(piece.image, piece.text, url, piece.position))
    counts = {each: len(waiting[each]) for each in project.alphabet if each in waiting}
    return ContactSheet(of, groups, counts, urls[size:])


def _from(character: str, alphabet: str) -> str:
    """Return the alphabet beginning with a character, the ones before it at the end."""
    start = max(alphabet.find(character), 0)
    return alphabet[start:] + alphabet[:start]


def _waiting_pieces(user: Any, of: SheetOf, images: Sequence[Image]) -> dict[str, list[_Piece]]:
    """Return the slices that a user has not confirmed yet by character, the least sure first.

    An image whose slices are all confirmed was somebody else's when the last one was: it is looked at once more.
    """
    confirmed: dict[tuple[int, str], set[int]] = defaultdict(set)
    rows = SliceConfirmation.objects.filter(user=user, image__in=[image.pk for image in images]).order_by()
    for image_id, shown, position in rows.values_list("image_id", "shown", "position"):
        confirmed[image_id, shown].add(position)
    waiting: dict[str, list[_Piece]] = defaultdict(list)
    for image in images:
        text = image.text if of == SheetOf.LABELS else image.suggestion.text
        probabilities = _probabilities(image, text)
        left = set(range(len(text))) - confirmed[image.pk, text]
        for position in left or range(len(text)):
            waiting[text[position]].append(_Piece(image, text, position, probabilities[position]))
    for pieces in waiting.values():
        pieces.sort(key=lambda piece: (piece.probability, piece.image.pk, piece.position))
    return waiting


def _suggested(image: Image, text: str) -> list[SuggestedCharacter] | None:
    """Return the characters of an image's suggestion where they stand as those of a text do."""
    suggestion = getattr(image, "suggestion", None)
    return cells_of(suggestion) if suggestion and len(suggestion.text) == len(text) else None


def _probabilities(image: Image, text: str) -> list[float]:
    """Return how sure each character of a text is; where the model reads another one, not at all."""
    suggested = _suggested(image, text)
    if suggested is None:
        return [UNKNOWN] * len(text)
    return [
        one.probability if one.text == character else 0.0
        for one, character in zip(suggested, text, strict=True)
    ]


def _urls(project: Project, pieces: Sequence[_Piece]) -> list[str]:
    """Return the address of each piece's picture: as the model saw it, as the preparation cut it, or an equal part."""
    suggested = {piece.image.pk: _suggested(piece.image, piece.text) for piece in pieces}
    without = {pk for pk, characters in suggested.items() if characters is None}
    version, cut = _cut_slices(project, without) if without else (0, {})
    urls = []
    for piece in pieces:
        characters = suggested[piece.image.pk]
        if characters is not None:
            one = characters[piece.position]
            urls.append(part_url(piece.image, piece.position, (one.left, one.right)))
        elif cut.get(piece.image.pk) == len(piece.text):
            urls.append(prepared_slice_url(piece.image, piece.position, version))
        else:
            urls.append(part_url(piece.image, piece.position, equal_parts(len(piece.text))[piece.position]))
    return urls


def _cut_slices(project: Project, image_ids: Iterable[int]) -> tuple[int, Mapping[int, int]]:
    """Return the version of the current preparation, and into how many slices it has cut each image."""
    preparation = current_preparation(project)
    slices = Slice.objects.filter(preparation=preparation, image__in=image_ids).order_by()
    return preparation.version, dict(slices.values_list("image").annotate(Count("id")))
