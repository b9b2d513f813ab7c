"""The page behind an invitation's link: whoever opens it signs in or makes an account, and joins."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from labeling.errors import Refused
from labeling.models import Invitation
from labeling.services.people import accept, find_invitation
from webapp.accounts.forms import NewAccountForm
from webapp.accounts.models import User


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what an invitation is for, and let the person in who says yes."""
    try:
        found = find_invitation(secret)
        if request.user.is_authenticated:
            return _join_with_account(request, found, secret)
        return _join_with_new_account(request, found, secret)
    except Refused as refusal:
        return _page(request, {"refusal": str(refusal)}, status=410)


def _join_with_account(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    if request.method == "POST":
        accept(secret=secret, user=request.user)
        return _welcome(request, found)
    return _page(request, {"invitation": found})


def _join_with_new_account(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # An account is made for the invitation's sake: without the one there is not the other.
        with transaction.atomic():
            user = cast(User, form.save())
            accept(secret=secret, user=user)
        login(request, user)
        return _welcome(request, found)
    return _page(request, {"invitation": found, "form": form})


def _welcome(request: HttpRequest, found: Invitation) -> HttpResponse:
    messages.success(request, f"Welcome to “{found.project.name}”.")
    return redirect(found.project)


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "accounts/invitation.html", context, status=status)
    # The address is a secret: nothing on the way keeps what is behind it.
    add_never_cache_headers(response)
    return response
