"""The Sheet page: a hundred slices and more at a glance, the right ones confirmed with one key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from labeling.access import Act, get_project
from labeling.models import Project
from labeling.services.confirming import SaidOfCell, confirm_sheet, undo_sheet
from labeling.services.sheets import DEFAULT_SIZE, SIZES, SheetOf, has_suggestions, last_sheet, next_sheet
from labeling.views.json_wishes import BadWish, json_wish, wished_key, wished_milliseconds

# Twice the largest sheet: more cells are no honest request.
MAX_CELLS = 2 * max(SIZES)


@dataclass(frozen=True)
class _Asked:
    """Which sheet somebody wants to see."""

    of: SheetOf
    character: str
    size: int

    @classmethod
    def read(cls, wish: Mapping[str, Any]) -> "_Asked":
        of, size = str(wish.get("of")), str(wish.get("size"))
        return cls(
            of=SheetOf(of) if of in list(SheetOf) else SheetOf.SLICES,
            character=str(wish.get("character", ""))[:1],
            size=int(size) if size in map(str, SIZES) else DEFAULT_SIZE,
        )


@require_GET
def sheet(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the first sheet; the ones after it come from `sheet_confirm`. `?of=slices|images|labels&character=7`."""
    project = get_project(request.user, project_id, Act.LABEL)
    asked = _Asked.read(request.GET)
    config = {
        "alphabet": project.alphabet,
        "minLength": project.min_length,
        "maxLength": project.max_length,
        "caseSensitive": project.case_sensitive,
        "of": asked.of,
        "size": asked.size,
    }
    context = _sheet_context(request, project, asked) | {"sizes": SIZES, "config_json": json.dumps(config)}
    return render(request, "labeling/sheet.html", context)


@require_GET
def sheet_cells(request: HttpRequest, project_id: int) -> JsonResponse:
    """Draw the sheet that begins with another character: `{"html"}`."""
    project = get_project(request.user, project_id, Act.LABEL)
    return _answer(request, project, _Asked.read(request.GET))


@json_wish(Act.LABEL)
def sheet_confirm(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Save a sheet and draw the next one.

    `{"key", "of", "character", "size", "milliseconds", "cells": [{"image", "text", "position", "said"}]}`, where
    `text` is what the sheet showed of the image, `position` the slice's in it (null for a whole image), and `said`
    the right character or text, empty where it cannot be told. The same key again changes nothing.
    """
    asked = _Asked.read(wish)
    outcome = confirm_sheet(
        project=project,
        user=request.user,
        key=wished_key(wish),
        of=asked.of,
        cells=_cells(wish),
        milliseconds=wished_milliseconds(wish),
    )
    return _answer(request, project, asked, outcome=outcome)


@json_wish(Act.LABEL)
def sheet_undo(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Take back a sheet, `{"key", "of", "character", "size"}`, and draw what is next now."""
    undo_sheet(project=project, user=request.user, key=wished_key(wish))
    return _answer(request, project, _Asked.read(wish), undone=True)


def _answer(request: HttpRequest, project: Project, asked: _Asked, **news: Any) -> JsonResponse:
    context = _sheet_context(request, project, asked) | news
    return JsonResponse({"html": render_to_string("labeling/_sheet.html", context, request)})


def _sheet_context(request: HttpRequest, project: Project, asked: _Asked) -> dict[str, Any]:
    shown = next_sheet(
        project=project, user=request.user, of=asked.of, character=asked.character, size=asked.size
    )
    return {
        "project": project,
        "asked": asked,
        "sheet": shown,
        "upcoming_json": json.dumps(shown.upcoming),
        "last": last_sheet(project, request.user),
        "has_suggestions": bool(shown.groups) or has_suggestions(project),
    }


def _cells(wish: dict[str, Any]) -> list[SaidOfCell]:
    cells = wish.get("cells")
    if not isinstance(cells, list) or not 0 < len(cells) <= MAX_CELLS:
        raise BadWish(f"Send between 1 and {MAX_CELLS} `cells`.")
    return [_cell(cell) for cell in cells]


def _cell(wish: Any) -> SaidOfCell:
    match wish:
        case {
            "image": int(image),
            "text": str(text),
            "position": int() | None as position,
            "said": str(said),
        }:
            return SaidOfCell(image, text, position, said)
    raise BadWish("Each cell needs its `image`, `text`, `position` and what is `said` of it.")
