"""The pictures of readings: in files of their own, or many of a batch in one."""

from collections import defaultdict
from collections.abc import Collection

from django.core.files.storage import default_storage
from django.db import transaction

from labeling.models import Project
from training.models import Prediction
from training.services.packs import Place, blank


def picture_of(reading: Prediction) -> bytes:
    """Return the picture that was read.

    Raises:
        FileNotFoundError: it is missing from the storage, or there never was one.
    """
    place = _place(reading)
    if place is not None:
        return place.read()
    if not reading.file:
        raise FileNotFoundError(f"“{reading.name}” was no picture.")
    with reading.file.open("rb") as file:
        data: bytes = file.read()
    return data


def forget_pictures(project: Project, readings: Collection[Prediction]) -> None:
    """Take the pictures of readings out of the storage; those of other readings in the same files stay."""
    shared: dict[str, list[Place]] = defaultdict(list)
    for reading in readings:
        place = _place(reading)
        if place is not None:
            shared[place.file].append(place)
        elif reading.file:
            default_storage.delete(str(reading.file.name))
    if not shared:
        return
    with transaction.atomic():
        # Files that many share are written anew: in turns.
        Project.objects.select_for_update(no_key=True).filter(pk=project.pk).first()
        for places in shared.values():
            blank(places)


def _place(reading: Prediction) -> Place | None:
    if reading.offset is None or reading.size is None:
        return None
    return Place(str(reading.file.name), reading.offset, reading.size)
