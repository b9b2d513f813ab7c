"""Who somebody is in a project, and how often that is asked."""

from typing import Any

import pytest

from labeling.access import Act, get_project, may, role_in
from labeling.models import Role
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db


def test_a_project_that_was_got_for_somebody_knows_the_role(django_assert_num_queries: Any) -> None:
    project = make_project()
    ada = make_member(project, Role.ANNOTATOR)
    found = get_project(ada, project.pk)
    with django_assert_num_queries(0):
        assert role_in(ada, found) == Role.ANNOTATOR
        assert not may(ada, found, Act.REVIEW)


def test_the_role_that_is_known_is_nobody_elses() -> None:
    project = make_project()
    found = get_project(make_member(project, Role.OWNER), project.pk)
    assert role_in(make_member(project, Role.VIEWER), found) == Role.VIEWER


def test_the_next_request_asks_anew() -> None:
    project = make_project()
    ada = make_member(project, Role.ANNOTATOR)
    get_project(ada, project.pk)
    project.members.filter(user=ada).update(role=Role.REVIEWER)
    assert role_in(ada, get_project(ada, project.pk)) == Role.REVIEWER
