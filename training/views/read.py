"""The Read page: new images, what the production model reads in them, corrections as annotations."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Project
from labeling.paging import KeysetPage, keyset_page
from labeling.serving import picture_response
from training.coverage_words import unattended
from training.models import Look, Prediction
from training.reading_cards import reading_cards
from training.reading_downloads import FORMATS, file_of
from training.services.models import production_model
from training.services.pictures import picture_of
from training.services.predictions import Rejection, read_and_keep
from training.services.predictions import correct_prediction as correct
from training.services.reading import ReaderUnavailable

CARDS_SHOWN = 24
BATCHES_SHOWN = 5
# The page sends its files a few at a time, so that cards appear as they are read.
FILES_PER_REQUEST = 16
# More than these become a batch, which goes on whether somebody looks or not.
FILES_READ_AT_ONCE = 48
MAX_FILE_BYTES = 20 * 2**20
LOOKS = {"to_check": Look.WANTED, "checked": Look.DONE}


@require_GET
def read(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the newest readings and batches, and take new images."""
    project = get_project(request.user, project_id)
    show = _show(request)
    rows = _single(project, show).select_related("image", "project")
    page: KeysetPage[Prediction] = keyset_page(rows, request.GET, size=CARDS_SHOWN, newest_first=True)
    model = production_model(project)
    started = project.reading_batches.exclude(state=JobState.DRAFT).select_related("created_by")
    context = {
        "project": project,
        "model": model,
        "promise": unattended(model.metrics) if model else None,
        "page": page,
        "cards": reading_cards(page.rows),
        "show": show,
        "formats": list(FORMATS),
        "batches": started[:BATCHES_SHOWN],
        "files_per_request": FILES_PER_REQUEST,
        "files_at_once": FILES_READ_AT_ONCE,
        "may_change": may(request.user, project, Act.CHANGE_SETTINGS),
        **_rights(request, project),
    }
    return render(request, "training/read.html", context)


@require_GET
def readings_file(request: HttpRequest, project_id: int, format: str) -> HttpResponseBase:
    """Send the readings of single images, or those to check or checked, as a file."""
    project = get_project(request.user, project_id, Act.READ)
    if format not in FORMATS:
        raise Http404(f"Readings do not come as {format}.")
    return file_of(_single(project, _show(request)), f"readings-{project.pk}", format)


@require_POST
def read_upload(request: HttpRequest, project_id: int) -> HttpResponse:
    """Read `files`; answer with their cards, or with status 503 and a sentence where nothing can read now."""
    project = get_project(request.user, project_id, Act.READ)
    files, rejected = [], []
    for file in request.FILES.getlist("files")[:FILES_PER_REQUEST]:
        name = file.name or "image"
        if (file.size or 0) > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 2**20
            rejected.append(Rejection(name, f"It is larger than {limit} MB. Send a smaller picture."))
        else:
            files.append((name, file.read()))
    try:
        results = read_and_keep(project=project, user=request.user, files=files) if files else []
    except Refused as refusal:
        return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    except ReaderUnavailable as problem:
        return HttpResponse(str(problem), status=503, content_type="text/plain; charset=utf-8")
    context = {
        "project": project,
        "cards": reading_cards([one for one in results if isinstance(one, Prediction)]),
        "rejections": rejected + [one for one in results if isinstance(one, Rejection)],
        **_rights(request, project),
    }
    return render(request, "training/_reading_cards.html", context)


@require_GET
def prediction_file(request: HttpRequest, project_id: int, prediction_id: int) -> HttpResponseBase:
    """Serve the picture that a prediction was read in."""
    project = get_project(request.user, project_id)
    prediction = get_object_or_404(Prediction, project=project, pk=prediction_id)
    try:
        data = picture_of(prediction)
    except FileNotFoundError:
        raise Http404(f"The picture of prediction {prediction.pk} is missing from the storage.") from None
    return picture_response(request, data, etag=f"{prediction.file.name}-{prediction.offset or 0}")


@require_POST
def correct_prediction(request: HttpRequest, project_id: int, prediction_id: int) -> HttpResponse:
    """Save the right text of a prediction's picture as an annotation; answer with the card as it is now."""
    project = get_project(request.user, project_id, Act.READ)
    rows = Prediction.objects.select_related("project", "image")
    prediction = get_object_or_404(rows, project=project, pk=prediction_id)
    typed, refusal = request.POST.get("text", ""), ""
    try:
        correct(prediction=prediction, user=request.user, text=typed)
    except Refused as error:
        refusal = str(error)
    [card] = reading_cards([prediction])
    context = {
        "project": project,
        "card": card,
        "typed": typed if refusal else "",
        "refusal": refusal,
        **_rights(request, project),
    }
    response = render(request, "training/_reading_card.html", context)
    if not refusal:
        # For what on the page counts checks.
        response["HX-Trigger"] = "reading-checked"
    return response


def _show(request: HttpRequest) -> str:
    show = request.GET.get("show", "")
    return show if show in LOOKS else ""


def _single(project: Project, show: str) -> QuerySet[Prediction]:
    """Readings of images that came one by one rather than in a batch."""
    rows = Prediction.objects.filter(project=project, batch=None)
    return rows.filter(look=LOOKS[show]) if show else rows


def _rights(request: HttpRequest, project: Project) -> dict[str, Any]:
    return {"may_correct": may(request.user, project, Act.READ)}
