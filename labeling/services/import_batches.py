"""Writing a batch of an import: pictures and their labels into the project, an outcome for each file."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from labeling.formats.entries import Entry, Said
from labeling.imaging.decode import DecodedImage
from labeling.models import Annotation, Image, ImageStatus, Import, ImportFile, Outcome, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import SkipReason
from labeling.services.counts import shift_counts
from labeling.services.images import insert_images, new_image, store_picture
from labeling.services.settling import settle_all, settle_unsaved


@dataclass
class Incoming:
    """One file on its way in, or one row of a table about an image that is there."""

    position: int
    name: str
    outcome: Outcome = Outcome.REJECTED
    message: str = ""
    sha256: str = ""
    title: str = ""
    data: bytes = b""
    # Its picture was in the storage before its image was in the project.
    was_stored: bool = False
    decoded: DecodedImage | None = None
    said: tuple[Said, ...] = ()
    split: str = ""
    # Set for a row of a table, with where it stands.
    entry: Entry | None = None
    where: str = ""
    image: Image | None = None

    @property
    def text(self) -> str:
        """The text that counts among what was said."""
        return self.said[-1].text if self.said else ""

    def note(self, sentence: str) -> None:
        before = self.message or (f"{self.where}:" if self.where else "")
        self.message = f"{before} {sentence}".strip()


def write_batch(row: Import, files: Sequence[Incoming]) -> None:
    """Store the pictures and rows of one batch, and move the import's position on, all or nothing."""
    fresh = _fresh_images(row, files)
    with transaction.atomic():
        added = insert_images(project=row.project, images=fresh)
        _link_pictures(row.project, files)
        _store_again(files)
        _link_rows(row.project, files)
        labelled = _add_labels(row, files, {image.sha256 for image in added})
        ImportFile.objects.bulk_create(
            ImportFile(
                import_batch=row,
                position=file.position,
                name=file.name,
                outcome=file.outcome,
                message=file.message,
                image=file.image,
            )
            for file in files
        )
        row.beat(
            position=files[-1].position + 1,
            added=row.added + _count(files, Outcome.ADDED),
            without_label=row.without_label + _count(files, Outcome.WITHOUT_LABEL),
            labelled=row.labelled + _count(files, Outcome.LABELLED),
            duplicates=row.duplicates + _count(files, Outcome.DUPLICATE),
            rejected=row.rejected + _count(files, Outcome.REJECTED),
        )
        settle_all(labelled)
        shift_counts(project_id=row.project_id, changes=Counter(image.status for image in added))


def _count(files: Sequence[Incoming], outcome: Outcome) -> int:
    return sum(file.outcome == outcome for file in files)


def _fresh_images(row: Import, files: Sequence[Incoming]) -> list[Image]:
    """Return unsaved rows for the bytes that are new to the project, their pictures stored; mark the others.

    They are settled already, by the labels that they bring.
    """
    known = _images_by_hash(row.project, files)
    fresh: dict[str, Image] = {}
    for file in files:
        if file.decoded is None:
            continue
        if file.sha256 in known or file.sha256 in fresh:
            file.outcome = Outcome.DUPLICATE
            continue
        image = new_image(
            project=row.project, name=file.title or file.name, data=file.data, decoded=file.decoded
        )
        image.pinned_split = file.split
        settle_unsaved(image, _annotations(row, image, file.said)[::-1])
        fresh[file.sha256] = image
        file.was_stored = not store_picture(image, file.data)
    return list(fresh.values())


def _link_pictures(project: Project, files: Sequence[Incoming]) -> None:
    """Give every readable picture its image row: a new one, or the one that has these bytes already."""
    images = _images_by_hash(project, files)
    for file in files:
        if file.decoded is None:
            continue
        file.image = images.get(file.sha256)
        if file.image is None:
            file.outcome, file.said = Outcome.REJECTED, ()
            file.message = "It was in the project, and was deleted this very moment. Import it again."
            continue
        if file.outcome == Outcome.DUPLICATE:
            same = (
                "these very bytes"
                if file.image.name == file.name
                else f"the same bytes as “{file.image.name}”"
            )
            file.message = f"Already in the project: {same}."


def _store_again(files: Sequence[Incoming]) -> None:
    """Store pictures that were there already once more where they have just gone with a deleted image."""
    for file in files:
        if file.was_stored and file.image is not None:
            store_picture(file.image, file.data)


def _images_by_hash(project: Project, files: Sequence[Incoming]) -> dict[str, Image]:
    hashes = {file.sha256 for file in files if file.sha256}
    return {image.sha256: image for image in Image.objects.filter(project=project, sha256__in=hashes)}


def _link_rows(project: Project, files: Sequence[Incoming]) -> None:
    """Find the images that rows of tables are about, by their SHA-256 or else by their name."""
    rows = [(file, file.entry) for file in files if file.entry and file.outcome != Outcome.REJECTED]
    if not rows:
        return
    by_hash = _images_by_hash(project, files)
    by_name: dict[str, list[Image]] = defaultdict(list)
    for image in Image.objects.filter(project=project, name__in={_file_name(entry) for _, entry in rows}):
        by_name[image.name].append(image)
    for file, entry in rows:
        if entry.sha256:
            found = [by_hash[entry.sha256]] if entry.sha256 in by_hash else []
        else:
            found = by_name[_file_name(entry)]
        if len(found) == 1:
            file.image = found[0]
            if not file.said:
                file.note("It gives the image no text.")
            elif file.image.text == file.text:
                file.note("The image reads so already.")
        else:
            file.outcome = Outcome.REJECTED
            file.note(_not_one(entry, len(found)))


def _not_one(entry: Entry, count: int) -> str:
    name = _file_name(entry)
    if count:
        return (
            f"{count} images are called “{name}”. Say which one is meant by its SHA-256, in a column sha256."
        )
    if entry.sha256:
        return f"No image with the SHA-256 {entry.sha256[:12]}… is in this project. Import its picture."
    return f"No image in this project or this import is called “{name}”. Import its picture, or correct the name."


def _file_name(entry: Entry) -> str:
    return entry.name.rsplit("/", 1)[-1]


def _add_labels(row: Import, files: Sequence[Incoming], new: Collection[str]) -> list[int]:
    """Annotate images that had no text before this batch; return the ids of those that are still to be settled.

    Args:
        new: the hashes of the images that came with this batch.
    """
    used: dict[int, tuple[Image, Incoming]] = {}
    for file in files:
        image = file.image
        if image is None or not file.said:
            continue
        if image.pk not in used and (image.status == ImageStatus.UNLABELLED or image.sha256 in new):
            used[image.pk] = image, file
            if file.outcome == Outcome.DUPLICATE:
                file.outcome = Outcome.LABELLED
            continue
        agreed = used[image.pk][1].text if image.pk in used else image.text
        if agreed and agreed != file.text:
            file.note(f"Its text there is “{agreed}”, this file says “{file.text}”: the first one was kept.")
    Annotation.objects.bulk_create(
        annotation for image, file in used.values() for annotation in _annotations(row, image, file.said)
    )
    _pin([(image, file.split) for image, file in used.values() if file.split])
    return [pk for pk, (image, _) in used.items() if image.status == ImageStatus.UNLABELLED]


def _annotations(row: Import, image: Image, said: Sequence[Said]) -> list[Annotation]:
    """Return, unsaved, what each annotator said; an unsigned text beside theirs is what they came to agree on."""
    return [
        Annotation(
            image=image,
            annotator=None if one.annotator else row.created_by,
            annotator_name=one.annotator,
            source=AnnotationSource.IMPORT if one.annotator or len(said) == 1 else AnnotationSource.REVIEW,
            text=one.text,
            skip_reason="" if one.text else SkipReason.UNREADABLE.value,
        )
        for one in said
    ]


def _pin(splits: Sequence[tuple[Image, str]]) -> None:
    """Keep images that had no text so far in the split that comes with it; no dataset has had them yet."""
    later = [(image, split) for image, split in splits if image.pinned_split != split]
    for image, split in later:
        image.pinned_split = split
    Image.objects.bulk_update([image for image, _ in later], ["pinned_split"])
