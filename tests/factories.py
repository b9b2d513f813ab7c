"""Real rows and real pictures for tests."""

import io
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
from django.contrib.auth import get_user_model
from PIL import Image as Pillow

from labeling.imaging.decode import decode_image
from labeling.models import Annotation, Image, ImageStatus, Member, Project, Role
from labeling.models.annotations import AnnotationSource
from labeling.services.counts import recount
from labeling.services.images import new_image, store_picture
from labeling.services.projects import create_project

QUEUE_SETTINGS = ("overlap", "queue_order", "gold_share")


def make_user(name: str = "ada", *, staff: bool = False) -> Any:
    return get_user_model().objects.create_user(username=name, password="correct horse", is_staff=staff)


def make_member(project: Project, role: Role, name: str = "") -> Any:
    """A user with a role in a project, without a password: tests sign them in by force."""
    user = get_user_model().objects.create_user(username=name or f"{role}-{uuid4().hex[:6]}")
    Member.objects.create(project=project, user=user, role=role)
    return user


def make_project(user: Any = None, name: str = "digits", **changes: Any) -> Project:
    """A project of three digits; `changes` may also be those of its queue."""
    queue = {setting: changes.pop(setting) for setting in QUEUE_SETTINGS if setting in changes}
    wish = {"alphabet": "0123456789", "min_length": 3, "max_length": 3} | changes
    project = create_project(user=user or make_user(f"owner-{uuid4().hex[:6]}"), name=name, **wish)
    for setting, value in queue.items():
        setattr(project, setting, value)
    project.save()
    return project


def draw(text: str, seed: int = 0, width: int = 72, height: int = 32) -> np.ndarray:
    """A picture of a text with a little noise: uint8 (height, width, 3)."""
    random = np.random.default_rng([seed, *text.encode()])
    picture = np.full((height, width, 3), 255, np.uint8)
    step = width // max(len(text), 1)
    for index, character in enumerate(text):
        place = (4 + index * step + int(random.integers(-1, 2)), height - 8 + int(random.integers(-2, 3)))
        cv2.putText(picture, character, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2, cv2.LINE_AA)
    noise = random.integers(-12, 1, picture.shape)
    return np.clip(picture.astype(int) + noise, 0, 255).astype(np.uint8)


def png(text: str, seed: int = 0, **size: int) -> bytes:
    """The PNG file of a drawn text."""
    buffer = io.BytesIO()
    Pillow.fromarray(draw(text, seed, **size)).save(buffer, "PNG")
    return buffer.getvalue()


def add_images(project: Project, texts: list[str], *, labelled: bool = True, seed: int = 0) -> list[Image]:
    """Store drawn pictures as images of a project, with their texts as import annotations where `labelled`."""
    rows = []
    for number, text in enumerate(texts):
        data = png(text, seed + number)
        image = new_image(project=project, name=f"{text}_{number}.png", data=data, decoded=decode_image(data))
        if labelled:
            image.status, image.text, image.readings = ImageStatus.LABELLED, text, 1
        store_picture(image, data)
        rows.append(image)
    images = Image.objects.bulk_create(rows)
    if labelled:
        Annotation.objects.bulk_create(
            Annotation(image=image, text=image.text, source=AnnotationSource.IMPORT) for image in images
        )
    recount(project=project)
    return images


def pin(images: list[Image], split: str) -> None:
    """Let images keep a split, as those do that came with one."""
    Image.objects.filter(pk__in=[image.pk for image in images]).update(pinned_split=split)


def texts(count: int, length: int = 3, seed: int = 0) -> list[str]:
    """Random digit texts."""
    random = np.random.default_rng(seed)
    return ["".join(map(str, random.integers(0, 10, length))) for _ in range(count)]
