"""API routes of labelling: projects and imports."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from labeling.access import Act, check_grant, check_may_create, get_project
from labeling.api_exports import router as exports_router
from labeling.api_images import router as images_router
from labeling.api_labelling import router as labelling_router
from labeling.api_paging import Page, Paging, cursor_page
from labeling.api_people import router as people_router
from labeling.api_review import router as review_router
from labeling.jobs import JobState
from labeling.models import Import, LabelSource, Outcome, Project
from labeling.services.imports import add_upload, create_import, queue_import
from labeling.services.projects import create_project, parse_length

router = Router()
router.add_router("", images_router)
router.add_router("", labelling_router)
router.add_router("", exports_router)
router.add_router("", people_router)
router.add_router("", review_router)


class ProjectIn(Schema):
    name: str = Field(examples=["Ticket codes"])
    alphabet: str = Field(examples=["0123456789"], description="Every character that a text may have.")
    length: str = Field(
        examples=["5"], description="A number of characters, or the fewest and the most: 4-6."
    )
    case_sensitive: bool = False
    description: str = ""


class ProjectOut(Schema):
    id: int
    name: str
    description: str
    alphabet: str
    min_length: int
    max_length: int
    case_sensitive: bool
    created_at: datetime


class CountsOut(Schema):
    total: int
    unlabelled: int
    labelled: int
    disputed: int
    skipped: int


class ProjectDetailsOut(ProjectOut):
    """`images` counts them by where they stand."""

    images: CountsOut

    @staticmethod
    def resolve_images(project: Project) -> Any:
        return project.counts


class ImportOut(Schema):
    """Poll it until `state` is done, failed or stopped. `total` is None as long as the files are not counted."""

    id: int
    state: JobState
    error: str
    position: int
    total: int | None
    added: int
    without_label: int
    labelled: int
    duplicates: int
    rejected: int
    created_at: datetime


class ImportFileOut(Schema):
    position: int
    name: str
    outcome: Outcome
    message: str


@router.get(
    "/projects", response=Page[ProjectOut], summary="The projects you are a member of", tags=["projects"]
)
def list_projects(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Oldest first. A token that belongs to one project sees that one."""
    check_grant(request.user, Act.VIEW)
    return cursor_page(Project.objects.visible_to(request.user), paging)


@router.post("/projects", response={201: ProjectOut}, summary="Create a project", tags=["projects"])
def add_project(request: HttpRequest, wish: ProjectIn) -> Status[Project]:
    """You become its owner."""
    check_may_create(request.user)
    low, high = parse_length(wish.length)
    project = create_project(
        user=request.user,
        name=wish.name,
        alphabet=wish.alphabet,
        min_length=low,
        max_length=high,
        case_sensitive=wish.case_sensitive,
        description=wish.description,
    )
    return Status(201, project)


@router.get(
    "/projects/{project_id}",
    response=ProjectDetailsOut,
    summary="A project and its images",
    tags=["projects"],
)
def show_project(request: HttpRequest, project_id: int) -> Project:
    return get_project(request.user, project_id)


@router.get(
    "/projects/{project_id}/imports",
    response=Page[ImportOut],
    summary="The imports, newest first",
    tags=["imports"],
)
def list_imports(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    rows = Import.objects.filter(project=get_project(request.user, project_id))
    return cursor_page(rows, paging, newest_first=True)


@router.post(
    "/projects/{project_id}/imports",
    response={202: ImportOut},
    summary="Import images or archives",
    tags=["imports"],
)
def add_import(
    request: HttpRequest,
    project_id: int,
    files: File[list[UploadedFile]],
    labels: Form[LabelSource] = LabelSource.NONE,
    keep_splits: Form[bool] = True,
) -> Status[Import]:
    """Upload files and start their import; poll the import for its progress and outcome per file.

    `labels`: filename, folder, csv (a table, JSON, Label Studio export or dataset among the files, which says what
    pictures beside it, inside of it or already in the project read) or none. JSON counts with filename and folder, too.
    `keep_splits`: whether images stay in the split (train, validation, test) that their folder or dataset names.
    """
    project = get_project(request.user, project_id, Act.IMPORT)
    batch = create_import(project=project, user=request.user, label_source=labels, keep_splits=keep_splits)
    for file in files:
        add_upload(import_batch=batch, name=file.name or "unnamed", file=file)
    queue_import(import_batch=batch)
    return Status(202, batch)


@router.get(
    "/projects/{project_id}/imports/{import_id}",
    response=ImportOut,
    summary="How far an import is",
    tags=["imports"],
)
def show_import(request: HttpRequest, project_id: int, import_id: int) -> Import:
    return get_object_or_404(Import, project=get_project(request.user, project_id), pk=import_id)


@router.get(
    "/projects/{project_id}/imports/{import_id}/files",
    response=Page[ImportFileOut],
    summary="What became of each file",
    tags=["imports"],
)
def list_import_files(
    request: HttpRequest,
    project_id: int,
    import_id: int,
    paging: Query[Paging],
    outcome: Outcome | Literal[""] = "",
) -> dict[str, Any]:
    """In the order in which they were read; only those of one `outcome`, if there is one."""
    batch = get_object_or_404(Import, project=get_project(request.user, project_id), pk=import_id)
    files = batch.files.filter(outcome=outcome) if outcome else batch.files.all()
    return cursor_page(files, paging, key="position")
