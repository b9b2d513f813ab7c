"""A frozen dataset version as one zip: the pictures, and a manifest with hashes, texts and splits.

Imported into an empty project, it gives a dataset with the same hash.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, TextIO

from django import forms

from labeling.errors import Refused
from labeling.formats.readers import DATASET_FORMAT, DATASET_FORMAT_VERSION
from labeling.formats.records import record_of
from labeling.formats.zip_writer import ZipWriter
from labeling.models import Image, Project
from labeling.services.export_formats import ExportFormat, ExportOptions, Progress
from labeling.services.export_kinds import AnnotatorsField
from labeling.services.export_pictures import CHUNK, picture_of, said_about
from labeling.services.images import stored_bytes
from training.models import DatasetItem, DatasetVersion
from training.services.datasets import MIN_IMAGES, freeze_dataset

NEWEST = 50


class DatasetOptions(ExportOptions):
    dataset = forms.ChoiceField(required=False, initial="")
    annotators = AnnotatorsField()

    def __init__(self, project: Project, *args: Any, **options: Any) -> None:
        super().__init__(project, *args, **options)
        versions = project.dataset_versions.order_by("-number")[:NEWEST]
        field = self.fields["dataset"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "What is labelled now"),
            *((str(one.number), f"{one}, {one.item_count:,} images") for one in versions),
        ]


class DatasetArchive(ExportFormat):
    """A dataset version with its pictures."""

    name = "dataset"
    title = "Dataset"
    summary = (
        "What a run trains on: a zip of the pictures and a manifest with their hashes, texts and splits. "
        "Imported into an empty project it gives the same dataset again, with the same hash."
    )
    options = DatasetOptions

    def extension(self, options: Mapping[str, Any]) -> str:
        return "zip"

    def total(self, project: Project, options: Mapping[str, Any]) -> int:
        if options["dataset"]:
            return _version(project, options["dataset"]).item_count
        count = Image.objects.labelled().filter(project=project).count()
        if count < MIN_IMAGES:
            raise Refused(
                f"{count} images have a text; a dataset has at least {MIN_IMAGES}. Label more, or export a table."
            )
        return count

    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        number = options["dataset"]
        dataset = _version(project, number) if number else freeze_dataset(project=project)
        _check_whole(dataset)
        with ZipWriter(target) as archive:
            with archive.text("manifest.json") as text:
                _write_manifest(text, dataset, annotators=options["annotators"])
            items = (item for chunk in _chunks(dataset) for item in chunk)
            for done, item in enumerate(items, start=1):
                archive.picture(_path(item), stored_bytes(item.image))
                progress(done)
        return ""


def _version(project: Project, number: str) -> DatasetVersion:
    dataset: DatasetVersion | None = project.dataset_versions.filter(number=number).first()
    if dataset is None:
        raise Refused(f"“{project.name}” has no dataset {number}.")
    return dataset


def _check_whole(dataset: DatasetVersion) -> None:
    lost = dataset.item_count - dataset.items.count()
    if lost:
        raise Refused(
            f"{lost} of the {dataset.item_count:,} images of {str(dataset).lower()} were deleted since, so it is not "
            "what its hash says. Export what is labelled now."
        )


def _chunks(dataset: DatasetVersion) -> Iterator[list[DatasetItem]]:
    last = 0
    rows = dataset.items.select_related("image").order_by("id")
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _write_manifest(target: TextIO, dataset: DatasetVersion, *, annotators: bool) -> None:
    project = dataset.project
    header = {
        "format": DATASET_FORMAT,
        "format_version": DATASET_FORMAT_VERSION,
        "dataset_hash": dataset.hash,
        "dataset": dataset.number,
        "frozen_at": dataset.created_at.isoformat(),
        "project": {
            "name": project.name,
            "alphabet": project.alphabet,
            "min_length": project.min_length,
            "max_length": project.max_length,
            "case_sensitive": project.case_sensitive,
        },
        "counts": {
            "train": dataset.train_count,
            "validation": dataset.validation_count,
            "test": dataset.test_count,
        },
    }
    target.write(json.dumps(header, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "images": [')
    for number, record in enumerate(_records(dataset, annotators=annotators)):
        target.write(",\n  " if number else "\n  ")
        target.write(json.dumps(record, ensure_ascii=False))
    target.write("\n ]\n}\n")


def _records(dataset: DatasetVersion, *, annotators: bool) -> Iterable[dict[str, Any]]:
    for chunk in _chunks(dataset):
        said = said_about(item.image for item in chunk) if annotators else {}
        for item in chunk:
            picture = picture_of(item.image, item.text, said.get(item.image_id, ()))
            record = record_of(picture, name=item.image.name, annotators=annotators)
            yield {"file": _path(item), **record, "split": item.split}


def _path(item: DatasetItem) -> str:
    picture = picture_of(item.image, item.text)
    return f"images/{picture.sha256}.{picture.extension}"
