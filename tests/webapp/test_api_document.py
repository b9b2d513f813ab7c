"""What the API's document promises, asked of every route by Schemathesis with requests of its own making."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
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


@dataclass
class Asked:
    """What is wrong, and with which statuses was answered, by route."""

    problems: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def routes_with(self, *statuses: int) -> set[str]:
        return {route for route, seen in self.statuses.items() if seen & set(statuses)}


def ask_every_route(world: World, mode: GenerationMode, examples: int, *, known: bool = True) -> Asked:
    """Send every route requests of one kind; whatever they change is taken back.

    Args:
        known: whether addresses name what is there; else only the project is.
    """
    headers = {"Authorization": f"Bearer {create_token(user=world.people['owner'], name='tests')[1]}"}
    document = schemathesis.openapi.from_wsgi(DOCUMENT, get_wsgi_application(), headers=headers)
    found = Asked()
    for operation in operations_of(document):
        values = world.values if known else {"project_id": world.project.pk}
        wanted = {name: str(values[name]) for name in path_names(operation) if name in values}
        requests = operation.as_strategy(generation_mode=mode, path_parameters=wanted)
        problem, found.statuses[operation.label] = ask(requests, headers, examples)
        if problem:
            found.problems[operation.label] = problem
    return found


def ask(requests: SearchStrategy[Case], headers: dict[str, str], examples: int) -> tuple[str, set[int]]:
    """Send one route so many requests; return the first that is wrong, and the statuses of all."""
    statuses = set()

    @settings(the_same_every_time, max_examples=examples)
    @given(case=requests)
    def asked(case: Case) -> None:
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses.add(response.status_code)
        assert response.status_code < 500 or response.status_code == 503, response.text
        case.validate_response(response, checks=CHECKS)

    try:
        asked()
    except (AssertionError, FailureGroup) as problem:
        return str(problem), statuses
    return "", statuses


def operations_of(document: Any) -> Iterator[Any]:
    for one in document.get_all_operations():
        operation = one.ok()
        if operation.label not in ENDLESS:
            yield operation


def path_names(operation: Any) -> list[str]:
    return [parameter.name for parameter in operation.path_parameters]


def test_what_the_document_allows_is_answered_as_it_says(world: World) -> None:
    asked = ask_every_route(world, GenerationMode.POSITIVE, 5)
    assert asked.problems == {}
    # Requests get to what they are about: known to the API, and often granted.
    assert asked.routes_with(401, 403, 429) == set()
    assert len(asked.routes_with(200, 201, 202, 204)) >= len(asked.statuses) / 2


def test_what_the_document_forbids_is_answered_as_it_says(world: World) -> None:
    asked = ask_every_route(world, GenerationMode.NEGATIVE, 4)
    assert asked.problems == {}
    assert len(asked.routes_with(400, 415, 422)) >= len(asked.statuses) / 3


def test_what_is_not_there_is_answered_as_the_document_says(world: World) -> None:
    asked = ask_every_route(world, GenerationMode.POSITIVE, 2, known=False)
    assert asked.problems == {}
    assert len(asked.routes_with(404)) >= len(asked.statuses) / 3
