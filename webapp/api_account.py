"""API routes about who asks."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from labeling.access import Scope
from webapp.accounts.models import ApiToken

router = Router(tags=["account"])


class TokenOut(Schema):
    """What a token is for. `project` is None where it is good in all projects of its person."""

    name: str
    scopes: list[Scope]
    project: int | None
    expires_at: datetime | None


class MeOut(Schema):
    """`token` is None for a session of the browser."""

    user: str = Field(examples=["ada"])
    administrator: bool
    token: TokenOut | None


@router.get("/me", response=MeOut, summary="Who you are, and what your token is for")
def show_me(request: HttpRequest) -> dict[str, Any]:
    token: ApiToken | None = getattr(request, "api_token", None)
    return {
        "user": request.user.get_username(),
        "administrator": request.user.is_staff,
        "token": token
        and {
            "name": token.name,
            "scopes": sorted(token.grant.scopes),
            "project": token.project_id,
            "expires_at": token.expires_at,
        },
    }
