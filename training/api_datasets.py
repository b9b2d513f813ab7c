"""API routes of dataset versions: what runs train on, frozen."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_paging import Page, Paging, cursor_page
from labeling.models import Split
from training.models import DatasetItem, DatasetVersion
from training.services.datasets import freeze_by_hand

router = Router(tags=["datasets"])


class DatasetOut(Schema):
    """`hash` is that of the sorted images, texts and splits: the same content has the same hash everywhere."""

    number: int
    hash: str
    train_count: int
    validation_count: int
    test_count: int
    created_at: datetime


class DatasetItemOut(Schema):
    image: int
    text: str
    split: Split

    @staticmethod
    def resolve_image(item: DatasetItem) -> int:
        return item.image_id


@router.get(
    "/projects/{project_id}/datasets", response=Page[DatasetOut], summary="The dataset versions, newest first"
)
def list_datasets(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    rows = DatasetVersion.objects.filter(project=get_project(request.user, project_id))
    return cursor_page(rows, paging, key="number", newest_first=True)


@router.post(
    "/projects/{project_id}/datasets", response={201: DatasetOut}, summary="Freeze what is labelled now"
)
def add_dataset(request: HttpRequest, project_id: int) -> Status[DatasetVersion]:
    """Every labelled image with its text and its split; a run that is started freezes one by itself. Where nothing has
    changed since a version was frozen, it is that version."""
    project = get_project(request.user, project_id, Act.TRAIN)
    return Status(201, freeze_by_hand(project=project, user=request.user))


@router.get(
    "/projects/{project_id}/datasets/{dataset_number}", response=DatasetOut, summary="A dataset version"
)
def show_dataset(request: HttpRequest, project_id: int, dataset_number: int) -> DatasetVersion:
    return _get(request, project_id, dataset_number)


@router.get(
    "/projects/{project_id}/datasets/{dataset_number}/items",
    response=Page[DatasetItemOut],
    summary="The images of a dataset version",
)
def list_items(
    request: HttpRequest,
    project_id: int,
    dataset_number: int,
    paging: Query[Paging],
    split: Split | None = None,
) -> dict[str, Any]:
    """With the text and the split that they had when it was frozen; only those of one `split`."""
    items = _get(request, project_id, dataset_number).items.all()
    if split is not None:
        items = items.filter(split=split)
    return cursor_page(items, paging)


def _get(request: HttpRequest, project_id: int, number: int) -> DatasetVersion:
    project = get_project(request.user, project_id)
    dataset: DatasetVersion = get_object_or_404(project.dataset_versions, number=number)
    return dataset
