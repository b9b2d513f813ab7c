"""Signing in, and one's own account."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from labeling.access import Scope
from webapp.accounts.forms import ChangePasswordForm, SignInForm
from webapp.accounts.models import ApiToken, User
from webapp.accounts.token_form import TokenForm
from webapp.accounts.tokens import create_token, revoke_token

sign_in = LoginView.as_view(
    template_name="accounts/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's account and change its password."""
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed. Other browsers are signed out.")
        return redirect("accounts:account")
    return _account_page(request, form)


@sensitive_post_parameters()
@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """Make an API token and show its secret, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _account_page(request, ChangePasswordForm(request.user), token_form=form, status=422)
    _, secret = create_token(user=_me(request), **form.cleaned_data)
    response = _account_page(request, ChangePasswordForm(request.user), secret=secret)
    # Neither the browser nor anything on the way keeps a page with a secret on it.
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_token_(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke one of one's own API tokens."""
    token = get_object_or_404(ApiToken, user=_me(request), pk=token_id)
    revoke_token(token=token)
    messages.success(request, f"The token “{token.name}” is revoked; scripts that use it are locked out.")
    return redirect("accounts:account")


def _me(request: HttpRequest) -> User:
    # LoginRequiredMiddleware lets nobody else through.
    return cast(User, request.user)


def _account_page(
    request: HttpRequest,
    form: ChangePasswordForm,
    *,
    token_form: TokenForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "token_form": token_form or TokenForm(chosen=tuple(Scope)),
        "tokens": ApiToken.objects.filter(user=_me(request)).select_related("project"),
        "secret": secret,
    }
    return render(request, "accounts/account.html", context, status=status)
