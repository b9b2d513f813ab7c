"""Deleting chosen images, after a look at what goes with them."""

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from labeling.access import Act, get_project
from labeling.services.deleting import delete_images as delete
from labeling.services.queue import live_leases

# More than any page shows.
MOST_IMAGES = 500


@require_http_methods(["GET", "POST"])
def delete_images(request: HttpRequest, project_id: int) -> HttpResponse:
    """Say what goes with the images `image=1&image=2`, and once that is confirmed delete them.

    `back` is the query of the grid that one came from.
    """
    project = get_project(request.user, project_id, Act.DELETE_IMAGES)
    wish = request.POST if request.method == "POST" else request.GET
    grid = f"{reverse('labeling:images', args=[project.pk])}?{urlencode(parse_qsl(wish.get('back', '')))}"
    chosen = [int(number) for number in wish.getlist("image") if number.isdecimal() and len(number) < 19]
    images = list(project.images.filter(pk__in=chosen[:MOST_IMAGES]).order_by("id"))
    if not images:
        gone = "What you chose is deleted already." if chosen else "Choose the images to delete first."
        messages.info(request, gone)
        return redirect(grid)
    if request.method == "POST":
        count = delete(project=project, user=request.user, image_ids=[image.pk for image in images])
        messages.success(request, f"{count} images are deleted." if count != 1 else "One image is deleted.")
        return redirect(grid)
    context = {
        "project": project,
        "images": images,
        "size": sum(image.size for image in images),
        "held": live_leases(project).filter(image__in=images).count(),
        "back": wish.get("back", ""),
    }
    return render(request, "labeling/delete_images.html", context)
