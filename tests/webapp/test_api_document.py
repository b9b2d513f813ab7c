"""What the API's document promises, asked of every route by Schemathesis with requests of its own making."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.webapp.test_permissions import World, make_world
from webapp.accounts.tokens import create_token

pytestmark = pytest.mark.django_db

CHECKS: list[Callable[..., Any]] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Sends news for as long as somebody listens.
ENDLESS = {"GET /api/v1/projects/{project_id}/runs/{number}/events"}
DOCUMENT = "/api/v1/openapi.json"

# So that whoever changes a route knows what broke it; no time for shrinking the requests.
the_same_every_time = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def world() -> Iterator[World]:
    # As Django's own test client does: a request must not close the connection whose transaction is the test's.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield make_world()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def problems(world: World, mode: GenerationMode, examples: int, *, known: bool = True) -> dict[str, str]:
    """Ask every route and return what is wrong, by route; whatever a request changes is taken back.

    Args:
        known: whether addresses name what is there; else only the project is.
    """
    headers = {"Authorization": f"Bearer {create_token(user=world.people['owner'], name='tests')[1]}"}
    document = schemathesis.openapi.from_wsgi(DOCUMENT, get_wsgi_application(), headers=headers)
    found = {}
    for operation in operations_of(document):
        values = world.values if known else {"project_id": world.project.pk}
        wanted = {name: str(values[name]) for name in path_names(operation) if name in values}

        @settings(the_same_every_time, max_examples=examples)
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=wanted))
        def asked(case: Case) -> None:
            with transaction.atomic():
                response = case.call(headers=headers)
                transaction.set_rollback(True)
            assert response.status_code < 500 or response.status_code == 503, response.text
            case.validate_response(response, checks=CHECKS)

        try:
            asked()
        except (AssertionError, FailureGroup) as problem:
            found[operation.label] = str(problem)
    return found


def operations_of(document: Any) -> Iterator[Any]:
    for one in document.get_all_operations():
        operation = one.ok()
        if operation.label not in ENDLESS:
            yield operation


def path_names(operation: Any) -> list[str]:
    return [parameter.name for parameter in operation.path_parameters]


def test_what_the_document_allows_is_answered_as_it_says(world: World) -> None:
    assert problems(world, GenerationMode.POSITIVE, 6) == {}


def test_what_the_document_forbids_is_answered_as_it_says(world: World) -> None:
    assert problems(world, GenerationMode.NEGATIVE, 6) == {}


def test_what_is_not_there_is_answered_as_the_document_says(world: World) -> None:
    assert problems(world, GenerationMode.POSITIVE, 3, known=False) == {}
