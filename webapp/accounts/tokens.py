"""API tokens: making, checking and revoking them."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from webapp.accounts.models import ApiToken, User

PREFIX = "cwb_"
# Writing the last use at every request would make each reading wait for the database's write lock.
LAST_USE_EVERY = timedelta(minutes=1)


def create_token(*, user: User, name: str) -> tuple[ApiToken, str]:
    """Make a token; return its row and the secret, which cannot be had again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return ApiToken.objects.create(user=user, name=name.strip() or "token", digest=_digest(secret)), secret


def user_of(secret: str) -> User | None:
    """Return whose token this is, or None; remember that it was used."""
    token = (
        ApiToken.objects.select_related("user").filter(digest=_digest(secret), user__is_active=True).first()
    )
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user


def revoke_token(*, token: ApiToken) -> None:
    """Delete a token: whoever has it is a stranger from now on."""
    token.delete()


def _digest(secret: str) -> str:
    # The secret has 256 random bits: a plain hash is enough, there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
