"""The fonts that a project's texts can be drawn in: what they look like, and one's own."""

import hashlib
from functools import lru_cache
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.models import Project
from labeling.serving import drawn_response
from training.models import UploadedFont
from training.recognition.synthesis.font_files import MAX_BYTES, draw_specimen
from training.recognition.synthesis.fonts import Font, Origin, find_fonts
from training.recognition.synthesis.typefaces import Typeface, UnusableFont
from training.services import fonts as services

CHARACTERS_SHOWN = 16
"""Of an alphabet, in a font's picture."""

FILES_AT_ONCE = 20

TITLES = {
    Origin.BUNDLED: "Free families",
    Origin.CAPTCHA: "Of PyPI's captcha",
    Origin.INSTALLED: "Installed on this machine",
}


@require_http_methods(["GET", "POST"])
def fonts(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show all fonts; take files that somebody brings."""
    if request.method == "POST":
        project = get_project(request.user, project_id, Act.TRAIN)
        _upload(request, project)
        return redirect("training:fonts", project.pk)
    project = get_project(request.user, project_id)
    uploaded = list(UploadedFont.objects.filter(project=project).select_related("created_by"))
    hidden = {font.name for font in uploaded}
    here = sorted((font for font in fonts_here().values() if font.name not in hidden), key=_place)
    context = {
        "project": project,
        "uploaded": uploaded,
        "groups": [
            (TITLES[origin], list(group)) for origin, group in groupby(here, lambda font: font.origin)
        ],
        "shown": _characters(project),
        "look": _look(project),
        "may_train": may(request.user, project, Act.TRAIN),
        "megabytes": MAX_BYTES // 2**20,
        "files_at_once": FILES_AT_ONCE,
    }
    return render(request, "training/fonts.html", context)


def _upload(request: HttpRequest, project: Project) -> None:
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, "No file was chosen. Choose one or several fonts first.")
    if len(files) > FILES_AT_ONCE:
        messages.error(request, f"{len(files)} files are too many at once: {FILES_AT_ONCE} at most.")
        files = []
    for file in files:
        # One byte more than may be shows that it is too large, whatever else comes.
        data = file.read(MAX_BYTES + 1)
        try:
            font = services.upload_font(
                project=project, user=request.user, file_name=file.name or "a file", data=data
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{font.name} is here: texts of this project can be drawn in it.")


@require_POST
def delete_font(request: HttpRequest, project_id: int, font_id: int) -> HttpResponse:
    """Forget an uploaded font."""
    project = get_project(request.user, project_id, Act.TRAIN)
    font = get_object_or_404(UploadedFont, project=project, pk=font_id)
    services.delete_font(font=font, user=request.user)
    messages.success(request, f"{font.name} is deleted.")
    return redirect("training:fonts", project.pk)


@require_GET
def font_picture(request: HttpRequest, project_id: int) -> HttpResponseBase:
    """Draw the project's characters in the font that `name` names."""
    project = get_project(request.user, project_id, with_counts=False)
    name = request.GET.get("name", "")
    if not name:
        raise BadRequest("Which font: say its name.")
    row = UploadedFont.objects.filter(project=project, name=name).first()
    if row is None and name not in fonts_here():
        raise Http404(f"There is no font {name}.")

    def draw() -> bytes:
        try:
            typeface = (
                Typeface(services.uploaded_font(row)) if row is not None else fonts_here()[name].typeface
            )
            return draw_specimen(typeface, _characters(project))
        except UnusableFont as error:
            raise Http404(str(error)) from error

    version = row.sha256 if row is not None else fonts_here()[name].fingerprint
    return drawn_response(request, draw, etag=f"{version}-{_look(project)}")


@lru_cache(maxsize=1)
def fonts_here() -> dict[str, Font]:
    """The fonts of this machine by their names, as they were when the site started."""
    return {font.name: font for font in find_fonts()}


def _place(font: Font) -> tuple[int, str]:
    return list(TITLES).index(font.origin), font.name


def _characters(project: Project) -> str:
    """Characters from all over the project's alphabet."""
    count = min(CHARACTERS_SHOWN, len(project.alphabet))
    return "".join(project.alphabet[index * len(project.alphabet) // count] for index in range(count))


def _look(project: Project) -> str:
    """What makes a picture's address another one when the alphabet changes."""
    return hashlib.sha256(_characters(project).encode()).hexdigest()[:8]
