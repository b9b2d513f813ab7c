"""A project as a busy team leaves it, of any size, made in bulk. Its images share a few stored pictures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db.models import Model
from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import (
    Annotation,
    AuditEntry,
    Doubt,
    Export,
    Image,
    ImageStatus,
    Import,
    ImportFile,
    Lease,
    Outcome,
    Project,
    Role,
    Slice,
    SliceConfirmation,
    Suggestion,
)
from labeling.models.annotations import AnnotationSource
from labeling.models.sheets import Sheet
from labeling.services.audit import Action
from labeling.services.counts import recount
from labeling.services.people import invite
from labeling.services.preparations import current_preparation
from tests.factories import add_images, make_member, make_project, texts
from tests.training.label_free_rows import add_asked, add_label_free
from tests.training.strength_rows import add_report
from tests.training.views.rows import add_batch, add_model, add_prediction, add_run
from training.models import Model as ReadingModel
from training.models import ModelState, ReadingBatch, Run
from training.services.searches import create_search
from training.services.suggesting import switch_starter

LENGTH = 4
PEOPLE = 50
PICTURES = 20
READINGS = 1000
"""Of the batch."""
BATCH = 2000


@dataclass(frozen=True)
class Busy:
    """The project, its owner, who has read most of its images, and rows that pages show."""

    project: Project
    owner: Any
    annotator: Any
    middle: Image
    last: Image
    image_import: Import
    export: Export
    model: ReadingModel
    batch: ReadingBatch
    label_free: Run
    first_entry: int


def busy_project(owner: Any, name: str, images: int) -> Busy:
    """Make a project whose images are read by two people each: of 20 images 8 wait for a reader or for a second one,
    10 are labelled, one is in dispute and one is skipped.

    What costs most comes first in every order: the images that the owner has read already are the least sure ones.
    """
    project = make_project(owner, name, min_length=LENGTH, max_length=LENGTH, overlap=2, gold_share=0.1)
    switch_starter(project=project, user=None, is_on=False)
    people = [owner, *(make_member(project, Role.ANNOTATOR, f"{name}-{number}") for number in range(PEOPLE))]
    patterns = add_images(project, texts(PICTURES, LENGTH), labelled=False)
    first = patterns[-1].pk + 1
    _add(_image(project, patterns, number, images) for number in range(images - PICTURES))
    added = Image.objects.filter(project=project, pk__gte=first).order_by("pk")
    image_import = Import.objects.create(
        project=project, label_source="none", created_by=owner, state=JobState.DONE,
        position=images, total=images, added=images,
    )  # fmt: skip
    preparation = current_preparation(project)
    sheet = Sheet.objects.create(key=uuid4(), project=project, user=owner)
    makers: list[Callable[[int, Image], Iterator[Model]]] = [
        lambda number, image: _annotations(image, number, people),
        lambda number, image: _suggestions(image, number),
        lambda number, image: _confirmations(image, number, sheet),
        lambda number, image: _slices(image, preparation.pk),
        lambda number, image: iter([ImportFile(
            import_batch=image_import, position=number, name=image.name, outcome=Outcome.ADDED, image=image
        )]),
    ]  # fmt: skip
    for make in makers:
        rows = enumerate(added.iterator(chunk_size=BATCH))
        _add(row for number, image in rows for row in make(number, image))
    _doubts_and_leases(project, people)
    recount(project=project)
    model, batch = _around(project, owner, images)
    label_free = add_label_free(project)
    add_asked(label_free)
    export = Export.objects.create(project=project, format="table", created_by=owner, state=JobState.STOPPED)
    return Busy(
        project=project,
        owner=owner,
        annotator=people[1],
        middle=added[images // 2],
        last=added.reverse()[0],
        image_import=image_import,
        export=export,
        model=model,
        batch=batch,
        label_free=label_free.run,
        first_entry=AuditEntry.objects.filter(project=project).earliest("id").pk + 200,
    )


def _image(project: Project, patterns: Sequence[Image], number: int, images: int) -> Image:
    pattern = patterns[number % len(patterns)]
    status = _status(number)
    has_text = status == ImageStatus.LABELLED
    readings = 2 if status != ImageStatus.UNLABELLED else int(_is_read_once(number))
    return Image(
        project=project, sha256=f"{(number * 2654435761) % 2**32:08x}{number:056x}", file=pattern.file.name,
        name=f"{number}.png", format="PNG", width=72, height=32, size=900, fingerprint=pattern.fingerprint,
        status=status, text=_text(number) if has_text else "", readings=readings,
        skip_reason="unreadable" if status == ImageStatus.SKIPPED else "",
        compared_at=timezone.now() if readings == 2 else None,
        confidence=(number + 1) / images / (2 if readings else 1), is_gold=has_text and number % 200 == 9,
    )  # fmt: skip


def _status(number: int) -> ImageStatus:
    place = number % 20
    if place < 8:
        return ImageStatus.UNLABELLED
    if place < 18:
        return ImageStatus.LABELLED
    return ImageStatus.DISPUTED if place == 18 else ImageStatus.SKIPPED


def _is_read_once(number: int) -> bool:
    """Whether an unlabelled image was read by the owner, and waits for somebody else."""
    return number % 20 < 2


def _text(number: int) -> str:
    return f"{number % 10**LENGTH:0{LENGTH}d}"


def _annotations(image: Image, number: int, people: Sequence[Any]) -> Iterator[Annotation]:
    second = people[1 + number % PEOPLE]
    text = "" if image.status == ImageStatus.SKIPPED else _text(number)
    other = _text(number + 1) if image.status == ImageStatus.DISPUTED else text
    confirmed = number % 20 in (8, 9)
    for said, person in [(text, people[0]), (other, second)][: image.readings]:
        yield Annotation(
            image=image, annotator=person, text=said, skip_reason="" if said else "unreadable", key=uuid4(),
            milliseconds=1500, suggested=said if confirmed else "",
            source=AnnotationSource.CONFIRMED if confirmed else AnnotationSource.TYPED,
        )  # fmt: skip


def _suggestions(image: Image, number: int) -> Iterator[Suggestion]:
    text = _text(number)
    characters = [
        {"text": one, "probability": 0.9, "left": at / LENGTH, "right": (at + 1) / LENGTH, "alternatives": []}
        for at, one in enumerate(text)
    ]
    yield Suggestion(
        image=image, text=text, confidence=image.confidence, characters=characters, model_number=1
    )


def _confirmations(image: Image, number: int, sheet: Sheet) -> Iterator[SliceConfirmation]:
    """Two of four slices of some images are confirmed; some images are set aside."""
    if image.status == ImageStatus.UNLABELLED and number % 40 == 3:
        for position in range(2):
            yield SliceConfirmation(
                sheet=sheet, user_id=sheet.user_id, image=image, shown=_text(number), position=position,
                character=_text(number)[position] if number % 80 == 3 else "",
            )  # fmt: skip


def _slices(image: Image, preparation: int) -> Iterator[Slice]:
    width = image.width // LENGTH
    for position in range(LENGTH):
        yield Slice(
            preparation_id=preparation, image=image, position=position,
            left=position * width, top=0, right=(position + 1) * width, bottom=image.height,
        )  # fmt: skip


def _doubts_and_leases(project: Project, people: Sequence[Any]) -> None:
    labelled = Image.objects.labelled().filter(project=project, is_gold=False)
    # Every fiftieth, as ids go.
    doubted = [image for image in labelled.only("id", "confidence").iterator() if image.pk % 50 == 0]
    _add(Doubt(image=image, text="0" * LENGTH, confidence=0.99, model_number=1) for image in doubted)
    now = timezone.now()
    waiting = Image.objects.unlabelled().filter(project=project, readings=0).order_by("confidence")
    held = iter(list(waiting.only("id")[: 20 * PEOPLE]))
    _add(
        Lease(image=image, user=person, leased_at=now, expires_at=now + timedelta(hours=2))
        for person in people[1:]
        for image in islice(held, 20)
    )


def _around(project: Project, owner: Any, images: int) -> tuple[ReadingModel, ReadingBatch]:
    """What lies around the images: a run, its model and batch, a search, a report, readings, the trail, invitations."""
    _add(
        AuditEntry(project=project, user=owner, action=Action.DISPUTE_SETTLED, target=f"{number}.png")
        for number in range(images // 20)
    )
    for _ in range(3):
        invite(project=project, user=owner, role=Role.ANNOTATOR)
    model = add_model(add_run(project), ModelState.PRODUCTION)
    create_search(project=project, user=owner, here=True)
    for text in texts(30, LENGTH):
        add_prediction(model, text)
    add_report(project)
    return model, add_batch(model, texts(READINGS, LENGTH), verdicts="uo")


def _add(rows: Iterator[Model]) -> None:
    while batch := list(islice(rows, BATCH)):
        type(batch[0]).objects.bulk_create(batch)  # type: ignore[attr-defined]
