"""Pages about images: the grid, one image with its history, and its bytes."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.models import Image, ImageStatus, Project
from labeling.paging import KeysetPage, keyset_page
from labeling.querysets import ImageQuerySet
from labeling.services.annotations import SkipReason, annotate
from labeling.serving import picture_response

IMAGES_PER_PAGE = 60


@require_GET
def images(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show a project's images as a grid, filtered by status and text."""
    project = get_project(request.user, project_id)
    status = request.GET.get("status", "")
    search = request.GET.get("q", "").strip()
    rows = _filtered(project, status, search)
    page: KeysetPage[Image] = keyset_page(rows, request.GET, size=IMAGES_PER_PAGE)
    context = {"project": project, "page": page, "status": status, "search": search, "statuses": ImageStatus}
    return render(request, "labeling/images.html", context)


def _filtered(project: Project, status: str, search: str) -> ImageQuerySet:
    rows = Image.objects.filter(project=project)
    if status in ImageStatus.values:
        rows = rows.filter(status=status)
    if search:
        rows = rows.filter(Q(text__icontains=search) | Q(name__icontains=search))
    return rows


@require_http_methods(["GET", "POST"])
def image(request: HttpRequest, project_id: int, image_id: int) -> HttpResponse:
    """Show one image with everything that was said about it; give it another text."""
    project = get_project(request.user, project_id, Act.LABEL if request.method == "POST" else Act.VIEW)
    image = get_object_or_404(Image.objects.select_related("project"), project=project, pk=image_id)
    refusal = ""
    if request.method == "POST":
        try:
            image = annotate(image=image, user=request.user, text=request.POST.get("text", "")).image
        except Refused as error:
            refusal = str(error)
        else:
            messages.success(request, f"“{image.name}” now reads {image.text}.")
            return redirect("labeling:image", project.pk, image.pk)
    context = {
        "project": project,
        "image": image,
        "annotations": image.annotations.select_related("annotator"),
        "skip_reasons": dict(SkipReason.choices),
        "previous": Image.objects.filter(project=project, pk__lt=image.pk).order_by("-id").only("id").first(),
        "next": Image.objects.filter(project=project, pk__gt=image.pk).order_by("id").only("id").first(),
        "may_annotate": may(request.user, project, Act.LABEL),
        "refusal": refusal,
        "typed": request.POST.get("text", image.text),
    }
    return render(request, "labeling/image.html", context, status=422 if refusal else 200)


@require_GET
def image_file(request: HttpRequest, project_id: int, image_id: int) -> HttpResponseBase:
    """Serve an image's bytes."""
    project = get_project(request.user, project_id)
    image = get_object_or_404(Image, project=project, pk=image_id)
    try:
        with image.file.open("rb") as file:
            return picture_response(request, file.read(), etag=image.sha256)
    except FileNotFoundError:
        raise Http404(f"The file of image {image.pk} is missing from the storage.") from None
