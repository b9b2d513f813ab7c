"""API routes of exports."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_files import FILE
from labeling.api_paging import Page, Paging, cursor_page, whole_page
from labeling.jobs import JobState
from labeling.models import Export
from labeling.services.export_formats import FORMATS
from labeling.services.exports import create_export, delete_export
from labeling.views.exports import export_file

router = Router(tags=["exports"])


class ExportIn(Schema):
    format: str = Field(examples=["table"])
    options: dict[str, Any] = Field({}, examples=[{"kind": "jsonl"}])


class ExportOut(Schema):
    id: int
    format: str
    options: dict[str, Any]
    state: JobState
    error: str
    note: str
    done: int
    total: int
    created_at: datetime
    finished_at: datetime | None


class FormatOut(Schema):
    name: str
    title: str
    summary: str
    options: list[str]


@router.get("/projects/{project_id}/formats", response=Page[FormatOut], summary="What can be exported")
def list_formats(request: HttpRequest, project_id: int) -> dict[str, Any]:
    project = get_project(request.user, project_id, Act.EXPORT)
    return whole_page(
        [
            FormatOut(
                name=one.name, title=one.title, summary=one.summary, options=list(one.options(project).fields)
            )
            for one in sorted(FORMATS.values(), key=lambda format: format.title)
        ]
    )


@router.get("/projects/{project_id}/exports", response=Page[ExportOut], summary="The exports, newest first")
def list_exports(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    rows = Export.objects.filter(project=get_project(request.user, project_id, Act.EXPORT))
    return cursor_page(rows, paging, newest_first=True)


@router.post("/projects/{project_id}/exports", response={202: ExportOut}, summary="Export images and labels")
def add_export(request: HttpRequest, project_id: int, wish: ExportIn) -> Status[Export]:
    """Have a file written; poll the export until its state is `done`, then fetch its file.

    Options that are left out have their usual values.
    """
    project = get_project(request.user, project_id, Act.EXPORT)
    export = create_export(project=project, user=request.user, format=wish.format, options=wish.options)
    return Status(202, export)


@router.get("/projects/{project_id}/exports/{export_id}", response=ExportOut, summary="How far an export is")
def show_export(request: HttpRequest, project_id: int, export_id: int) -> Export:
    return _get_export(request, project_id, export_id)


@router.get(
    "/projects/{project_id}/exports/{export_id}/file",
    summary="The file of an export that is done",
    openapi_extra=FILE,
)
def download_export(request: HttpRequest, project_id: int, export_id: int) -> FileResponse:
    return export_file(request, project_id, export_id)


@router.delete("/projects/{project_id}/exports/{export_id}", response={204: None}, summary="Delete an export")
def remove_export(request: HttpRequest, project_id: int, export_id: int) -> Status[None]:
    delete_export(export=_get_export(request, project_id, export_id), user=request.user)
    return Status(204, None)


def _get_export(request: HttpRequest, project_id: int, export_id: int) -> Export:
    project = get_project(request.user, project_id, Act.EXPORT)
    export: Export = get_object_or_404(Export, project=project, pk=export_id)
    return export
