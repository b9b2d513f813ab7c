"""The Prepare page: a recipe, what it makes of some images, and the progress of cutting slices."""

import json
import secrets
import string

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.imaging.recipe import DEFAULT_RECIPE, InvalidRecipe, Recipe
from labeling.models import Image, Project
from labeling.recipe_form import addable_steps, parts, slicings_around
from labeling.services.preparations import (
    current_preparation,
    estimate_patterns,
    preview,
    propose_preparation,
    save_preparation,
)

SHEET_SIZE = 18


@require_http_methods(["GET", "POST"])
def preparation(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the recipe in force with its contact sheet; apply a changed one as a new version."""
    project = get_project(request.user, project_id, Act.PREPARE if request.method == "POST" else Act.VIEW)
    if request.method == "POST":
        return _apply(request, project)
    current = current_preparation(project)
    sample = _random_sample()
    context = {
        "project": project,
        "preparation": current,
        "steps": parts(current.recipe.steps),
        "addable": addable_steps(),
        "slicing": current.recipe.slicing.name,
        "slicings": slicings_around(current.recipe.slicing),
        "recipe_json": json.dumps(current.recipe.to_json()),
        "may_change": may(request.user, project, Act.PREPARE),
        "is_default": current.recipe == DEFAULT_RECIPE,
        **_sheet(project, current.recipe, sample),
    }
    return render(request, "labeling/preparation.html", context)


def _apply(request: HttpRequest, project: Project) -> HttpResponse:
    before = current_preparation(project)
    try:
        recipe = _recipe(request.POST.get("recipe", ""))
        applied = save_preparation(project=project, user=request.user, recipe=recipe)
    except (InvalidRecipe, Refused) as error:
        messages.error(request, f"Nothing was changed: {error}")
        return redirect("labeling:preparation", project.pk)
    if applied == before:
        messages.info(request, f"{before} is just this recipe already.")
    else:
        messages.success(request, f"{applied} is in force. New runs train with it.")
    return redirect("labeling:preparation", project.pk)


@require_POST
def preparation_preview(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw the contact sheet of a recipe that is not applied yet."""
    project = get_project(request.user, project_id)
    sample = request.POST.get("sample", "")
    if request.POST.get("another") or not sample or not set(sample) <= set(string.hexdigits):
        sample = _random_sample()
    try:
        context = _sheet(project, _recipe(request.POST.get("recipe", "")), sample)
    except InvalidRecipe as error:
        context = {"problem": str(error), "sample": sample}
    return render(request, "labeling/_contact_sheet.html", {"project": project, **context})


@require_GET
def preparation_progress(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw how far a worker is with cutting the slices of the newest preparation."""
    project = get_project(request.user, project_id)
    context = {"project": project, "preparation": current_preparation(project)}
    return render(request, "labeling/_preparation_progress.html", context)


@require_GET
def preparation_suggestion(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw the recipe that the images suggest, with its reasons: as an offer, or with `fill` to be filled in."""
    project = get_project(request.user, project_id)
    context: dict[str, object] = {"project": project, "fill": bool(request.GET.get("fill"))}
    try:
        proposal = propose_preparation(project=project)
        context |= {
            "reasons": proposal.reasons,
            "recipe_json": json.dumps(proposal.recipe.to_json()),
            "is_current": proposal.recipe == current_preparation(project).recipe,
        }
    except Refused as refusal:
        context["problem"] = str(refusal)
    return render(request, "labeling/_recipe_suggestion.html", context)


@require_POST
def preparation_pattern(request: HttpRequest, project_id: int) -> JsonResponse:
    """Estimate the pattern of a recipe's last step from the project's images."""
    project = get_project(request.user, project_id)
    try:
        recipe = estimate_patterns(project=project, recipe=_recipe(request.body))
    except (InvalidRecipe, Refused) as error:
        return JsonResponse({"error": str(error)}, status=400)
    estimated = recipe.steps[-1].to_json()
    return JsonResponse({key: estimated.get(key) for key in ("pattern", "images")})


def _recipe(text: str | bytes) -> Recipe:
    try:
        value = json.loads(text)
    except ValueError:
        raise InvalidRecipe("The recipe did not arrive as JSON. Reload the page and try again.") from None
    return Recipe.from_json(value)


def _sheet(project: Project, recipe: Recipe, sample: str) -> dict[str, object]:
    return {
        "previews": preview(project=project, recipe=recipe, images=_images(project, sample)),
        "sample": sample,
    }


def _random_sample() -> str:
    return secrets.token_hex(8)


def _images(project: Project, sample: str) -> list[Image]:
    """Return the images whose content hashes follow `sample`: a random draw that an index answers."""
    rows = project.images.order_by("sha256")
    drawn = list(rows.filter(sha256__gte=sample)[:SHEET_SIZE])
    if len(drawn) < SHEET_SIZE:
        drawn += rows.filter(sha256__lt=sample)[: SHEET_SIZE - len(drawn)]
    return drawn
