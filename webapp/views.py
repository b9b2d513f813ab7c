"""The pages of the site itself: the dashboard, and the banner that says which part is missing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from webapp.dashboard import project_cards, what_moves, what_needs_a_person
from webapp.status import site_status

# How often a page asks again: briskly while something moves, else rarely.
SECONDS_WHILE_ACTIVE = 2
SECONDS_WHILE_QUIET = 15


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what moves now, what needs somebody, and every project one may see."""
    return render(request, "webapp/dashboard.html", {**_now(request), **_projects(request)})


@require_GET
def dashboard_now(request: HttpRequest) -> HttpResponse:
    """Return the fragment that shows what moves now."""
    return render(request, "webapp/_now.html", _now(request))


@require_GET
def dashboard_projects(request: HttpRequest) -> HttpResponse:
    """Return the fragment that shows what needs somebody, and how far each project is."""
    return render(request, "webapp/_projects.html", _projects(request))


def _projects(request: HttpRequest) -> dict[str, object]:
    return {
        "cards": project_cards(request.user),
        "needs": what_needs_a_person(request.user),
        "every_projects": SECONDS_WHILE_QUIET,
    }


def _now(request: HttpRequest) -> dict[str, object]:
    now = what_moves(request.user)
    return {
        "now": now,
        "status": site_status(),
        "loaded_at": timezone.now(),
        "every": SECONDS_WHILE_ACTIVE if now.is_active else SECONDS_WHILE_QUIET,
    }


@require_GET
def status_banner(request: HttpRequest) -> HttpResponse:
    """Return what is missing and what to do about it; nothing where all is well."""
    return render(request, "webapp/_status_banner.html", {"status": site_status()})
