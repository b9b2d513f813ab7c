"""A project's page API: commands that work, its own tokens, and the Python client."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, Scope, check, get_project, may
from labeling.models import Project
from webapp.accounts.models import ApiToken, User
from webapp.accounts.token_form import TokenForm
from webapp.accounts.tokens import create_token, revoke_token, scopes_for, tokens_of
from webapp.curl_commands import PLACEHOLDER, curl_commands

CLIENT = settings.BASE_DIR / "client" / "captcha_workbench.py"
# What the page's commands need.
USUAL_SCOPES = {Scope.VIEW, Scope.READ, Scope.IMPORT, Scope.TRAIN}
USUAL_NAME = "Commands and scripts"


@require_GET
def project_api(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show how scripts use the project."""
    project = get_project(request.user, project_id)
    return _page(request, project, _form(request, project))


@sensitive_post_parameters()
@require_POST
def new_project_token(request: HttpRequest, project_id: int) -> HttpResponse:
    """Make a token that is good in this project only, and show the commands with it, this once."""
    project = get_project(request.user, project_id)
    form = _form(request, project, bound=True)
    if not form.is_valid():
        return _page(request, project, form, status=422)
    token, secret = create_token(user=_me(request), project=project, **form.cleaned_data)
    response = _page(request, project, _form(request, project), secret=secret, made=token)
    # Neither the browser nor anything on the way keeps a page with a secret on it.
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_project_token(request: HttpRequest, project_id: int, token_id: int) -> HttpResponse:
    """Revoke a token of this project: one's own, or anybody's for whoever manages people."""
    project = get_project(request.user, project_id)
    token = get_object_or_404(
        ApiToken.objects.select_related("project", "user"), project=project, pk=token_id
    )
    if token.user_id != request.user.pk:
        check(request.user, project, Act.MANAGE_PEOPLE)
    revoke_token(token=token, user=_me(request))
    messages.success(request, f"The token “{token.name}” is revoked; scripts that use it are locked out.")
    return redirect("project_api", project.pk)


@require_GET
def client_module(request: HttpRequest) -> FileResponse:
    """Send the Python client, one file."""
    return FileResponse(CLIENT.open("rb"), as_attachment=True, content_type="text/x-python")


def _me(request: HttpRequest) -> User:
    # LoginRequiredMiddleware lets nobody else through.
    return cast(User, request.user)


def _form(request: HttpRequest, project: Project, *, bound: bool = False) -> TokenForm:
    offered = scopes_for(request.user, project)
    return TokenForm(
        request.POST if bound else None,
        offered=offered,
        chosen=[scope for scope in offered if scope in USUAL_SCOPES],
        initial={"name": USUAL_NAME},
    )


def _page(
    request: HttpRequest,
    project: Project,
    form: TokenForm,
    *,
    secret: str = "",
    made: ApiToken | None = None,
    status: int = 200,
) -> HttpResponse:
    site = request.build_absolute_uri("/").rstrip("/")
    manages = may(request.user, project, Act.MANAGE_PEOPLE)
    commands = curl_commands(project, site, secret or PLACEHOLDER)
    context = {
        "project": project,
        "form": form,
        "tokens": tokens_of(project, request.user, everybodys=manages),
        "manages": manages,
        "secret": secret,
        "made": made,
        "site": site,
        "shown_token": secret or PLACEHOLDER,
        "commands": [one for one in commands if may(request.user, project, one.act)],
    }
    return render(request, "webapp/project_api.html", context, status=status)
