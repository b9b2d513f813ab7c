"""Pages about images: the grid, one image with its history, and its bytes."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, allows, get_project, may, role_in
from labeling.errors import ImageGone, Refused
from labeling.models import Annotation, Image, ImageStatus, Project
from labeling.models.annotations import AnnotationSource
from labeling.paging import KeysetPage, keyset_page
from labeling.querysets import ImageQuerySet
from labeling.services.agreement import image_agreement
from labeling.services.annotations import SkipReason, annotate
from labeling.services.gold import set_gold
from labeling.serving import image_response

IMAGES_PER_PAGE = 60


@require_GET
def images(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show a project's images as a grid, filtered by status and text."""
    project = get_project(request.user, project_id)
    status = request.GET.get("status", "")
    search = request.GET.get("q", "").strip()
    rows = _filtered(project, status, search)
    page: KeysetPage[Image] = keyset_page(rows, request.GET, size=IMAGES_PER_PAGE)
    role = role_in(request.user, project)
    context = {
        "project": project,
        "page": page,
        "status": status,
        "search": search,
        "statuses": ImageStatus,
        "may_import": allows(role, Act.IMPORT),
        "may_export": allows(role, Act.EXPORT),
        "may_delete": allows(role, Act.DELETE_IMAGES),
    }
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
    image = project.images.filter(pk=image_id).first()
    if image is None and request.method == "POST":
        messages.error(request, str(ImageGone()))
        return redirect("labeling:images", project.pk)
    if image is None:
        raise Http404(f"There is no image {image_id}.")
    refusal = ""
    if request.method == "POST":
        # Who reviews and sees the present text decides; before there is one, theirs is a reading like any other.
        decides = may(request.user, project, Act.REVIEW) and image.status != ImageStatus.UNLABELLED
        source = AnnotationSource.REVIEW if decides else AnnotationSource.TYPED
        try:
            text = request.POST.get("text", "")
            annotation = annotate(image=image, user=request.user, text=text, source=source)
        except Refused as error:
            refusal = str(error)
        else:
            messages.success(request, _what_it_came_to(annotation))
            return redirect("labeling:image", project.pk, image.pk)
    is_blind = project.overlap > 1 and image.status == ImageStatus.UNLABELLED
    annotations = image.annotations.select_related("annotator")
    context = {
        "project": project,
        "image": image,
        "annotations": annotations.filter(annotator=request.user.pk) if is_blind else annotations,
        "is_blind": is_blind,
        "agreement": None if is_blind else image_agreement(image),
        "skip_reasons": dict(SkipReason.choices),
        "previous": Image.objects.filter(project=project, pk__lt=image.pk).order_by("-id").only("id").first(),
        "next": Image.objects.filter(project=project, pk__gt=image.pk).order_by("id").only("id").first(),
        "may_annotate": may(request.user, project, Act.LABEL),
        "may_set_gold": may(request.user, project, Act.CHANGE_SETTINGS),
        "may_delete": may(request.user, project, Act.DELETE_IMAGES),
        "refusal": refusal,
        "typed": request.POST.get("text", image.text),
    }
    return render(request, "labeling/image.html", context, status=422 if refusal else 200)


def _what_it_came_to(annotation: Annotation) -> str:
    """Say what became of an image that somebody has just given a text."""
    image = annotation.image
    if image.status == ImageStatus.LABELLED and image.text == annotation.text:
        return f"“{image.name}” now reads {image.text}."
    if image.status == ImageStatus.DISPUTED:
        return f"Your text is kept. “{image.name}” is in dispute now: a reviewer settles it."
    if image.status == ImageStatus.UNLABELLED:
        return f"Your text is kept. “{image.name}” waits for more people to read it."
    now = f"reads {image.text}" if image.text else "is skipped"
    return f"Your text is kept, but “{image.name}” still {now}: a reviewer decided so."


@require_POST
def image_gold(request: HttpRequest, project_id: int, image_id: int) -> HttpResponse:
    """Make an image gold with `gold=1`, or one like any other."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    image = get_object_or_404(Image, project=project, pk=image_id)
    is_gold = bool(request.POST.get("gold"))
    try:
        set_gold(image=image, user=request.user, is_gold=is_gold)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        what = "gold now: it checks how well people read" if is_gold else "no longer gold"
        messages.success(request, f"“{image.name}” is {what}.")
    return redirect("labeling:image", project.pk, image.pk)


@require_GET
def image_file(request: HttpRequest, project_id: int, image_id: int) -> HttpResponseBase:
    """Serve an image's bytes."""
    project = get_project(request.user, project_id)
    return image_response(request, get_object_or_404(Image, project=project, pk=image_id))
