"""API tokens: making, checking and revoking them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from labeling.access import SCOPE_OF, Act, Scope, allows, role_in
from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action, record
from webapp.accounts.models import ApiToken, User, all_scopes

PREFIX = "cwb_"
# Writing the last use at every request would make each reading wait for the database's write lock.
LAST_USE_EVERY = timedelta(minutes=1)

SCOPE_TITLES: dict[Scope, str] = {
    Scope.VIEW: "Look at projects, images, runs and models",
    Scope.READ: "Read new images and correct readings",
    Scope.LABEL: "Label images and settle disputes",
    Scope.IMPORT: "Import images",
    Scope.TRAIN: "Prepare images, train, choose the model that reads",
    Scope.EXPORT: "Export images, labels and models",
    Scope.MANAGE: "Manage people and settings, see who did what, delete",
}
"""What a token may do with a scope, as far as the person behind it may."""


def create_token(
    *,
    user: User,
    name: str,
    scopes: Iterable[str] | None = None,
    project: Project | None = None,
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token; return its row and the secret, which cannot be had again.

    Args:
        scopes: values of `Scope`; None for all.
        project: the one project that it is good in; None for all of the person's.
        days: after so many it is no longer good; None: it is good until it is revoked.

    Raises:
        Refused: a scope is unknown or there is none, or `days` is no number of days.
    """
    chosen = _checked(scopes)
    expires = _expiry(days)
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            project=project,
            name=name.strip() or "token",
            digest=_digest(secret),
            scopes=chosen,
            expires_at=expires,
        )
        if project is not None:
            detail = {"scopes": chosen, "expires": expires.isoformat() if expires else None}
            record(project=project, user=user, action=Action.TOKEN_MADE, target=token.name, detail=detail)
    return token, secret


def _checked(scopes: Iterable[str] | None) -> list[str]:
    known = all_scopes()
    wanted = set(known if scopes is None else scopes)
    if unknown := sorted(wanted - set(known)):
        raise Refused(f"There is no scope “{unknown[0]}”. There are {', '.join(known)}.")
    if not wanted:
        raise Refused("A token without a scope opens nothing. Choose at least one.")
    return [scope for scope in known if scope in wanted]


def _expiry(days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= 3650:
        raise Refused(f"A token is good for 1 to 3650 days, or until it is revoked; {days} is neither.")
    return timezone.now() + timedelta(days=days)


def find_token(secret: str) -> ApiToken | None:
    """Return the token of a secret, if it is still good; remember that it was used. Its user carries its grant."""
    now = timezone.now()
    good = Q(user__is_active=True) & (Q(expires_at=None) | Q(expires_at__gt=now))
    token = ApiToken.objects.select_related("user").filter(good, digest=_digest(secret)).first()
    if token is None:
        return None
    if token.last_used_at is None or token.last_used_at < now - LAST_USE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    token.user.grant = token.grant
    return token


def user_of(secret: str) -> User | None:
    """Return who acts with this token, or None for a stranger."""
    token = find_token(secret)
    return token.user if token else None


def revoke_token(*, token: ApiToken, user: User | None = None) -> None:
    """Delete a token: whoever has it is a stranger from now on.

    Args:
        user: who revokes it, if not its own person.
    """
    with transaction.atomic():
        if token.project is not None:
            record(
                project=token.project,
                user=user or token.user,
                action=Action.TOKEN_REVOKED,
                target=token.name,
                detail={"of": token.user.username},
            )
        token.delete()


def tokens_of(project: Project, user: Any, *, everybodys: bool) -> list[ApiToken]:
    """Return the tokens that are good in one project only, the newest first: one's own, or everybody's."""
    tokens = ApiToken.objects.filter(project=project).select_related("user", "project")
    if not everybodys:
        tokens = tokens.filter(user=user.pk)
    return list(tokens.order_by(F("id").desc()))


def scopes_for(user: Any, project: Project) -> list[Scope]:
    """Return the scopes that are good for anything in a user's hands there."""
    role = role_in(user, project)
    useful = {SCOPE_OF[act] for act in Act if allows(role, act)}
    return [scope for scope in Scope if scope in useful]


def _digest(secret: str) -> str:
    # The secret has 256 random bits: a plain hash is enough, there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
