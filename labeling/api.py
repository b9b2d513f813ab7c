"""API routes of labelling: projects and imports."""

from datetime import datetime

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from labeling.access import Act, get_project
from labeling.api_exports import router as exports_router
from labeling.api_labelling import router as labelling_router
from labeling.api_people import router as people_router
from labeling.api_review import router as review_router
from labeling.models import Import, ImportFile, Outcome, Project
from labeling.services.imports import add_upload, create_import, queue_import
from labeling.services.projects import create_project, parse_length

router = Router(tags=["labelling"])
router.add_router("", labelling_router)
router.add_router("", exports_router)
router.add_router("", people_router)
router.add_router("", review_router)
FILES_PER_PAGE = 500


class ProjectIn(Schema):
    name: str
    alphabet: str
    length: str
    case_sensitive: bool = False
    description: str = ""


class ProjectOut(Schema):
    id: int
    name: str
    alphabet: str
    min_length: int
    max_length: int
    case_sensitive: bool


class ImportOut(Schema):
    id: int
    state: str
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
    outcome: str
    message: str


@router.get("/projects", response=list[ProjectOut], summary="The projects you are a member of")
def list_projects(request: HttpRequest) -> list[Project]:
    return list(Project.objects.visible_to(request.user).order_by("name").distinct())


@router.post("/projects", response={201: ProjectOut}, summary="Create a project")
def add_project(request: HttpRequest, wish: ProjectIn) -> Status[Project]:
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


@router.post(
    "/projects/{project_id}/imports",
    response={202: ImportOut},
    summary="Import images or archives",
)
def add_import(
    request: HttpRequest,
    project_id: int,
    files: File[list[UploadedFile]],
    labels: Form[str] = "none",
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
)
def show_import(request: HttpRequest, project_id: int, import_id: int) -> Import:
    return get_object_or_404(Import, project=get_project(request.user, project_id), pk=import_id)


@router.get(
    "/projects/{project_id}/imports/{import_id}/files",
    response=list[ImportFileOut],
    summary="What became of each file",
)
def list_import_files(
    request: HttpRequest,
    project_id: int,
    import_id: int,
    after: int = -1,
    outcome: str = "",
) -> list[ImportFile]:
    """At most 500 files after position `after`, of one `outcome`: added, no_label, labelled, duplicate or rejected."""
    batch = get_object_or_404(Import, project=get_project(request.user, project_id), pk=import_id)
    files = batch.files.filter(position__gt=after)
    if outcome in Outcome.values:
        files = files.filter(outcome=outcome)
    return list(files[:FILES_PER_PAGE])
