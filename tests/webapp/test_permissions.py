"""Who may do what: every page, every API route and every command, asked by everybody.

A new route fails here until it has a line below that says what one must be allowed to do to use it.
"""

import importlib
import io
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

import labeling.management.commands
import training.management.commands
from labeling.access import Act, allows
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand
from labeling.models import Annotation, Doubt, Export, Import, Member, Project, Role
from labeling.models.annotations import AnnotationSource
from labeling.services.exports import create_export
from labeling.services.people import invite
from tests.factories import add_images, make_member, make_project, texts
from tests.training.font_rows import add_font
from tests.training.label_free_rows import add_label_free, picture_name
from tests.training.strength_rows import add_report
from tests.training.views.rows import add_batch, add_model, add_prediction, add_run
from training.models import LabelFree, Webhook
from training.services.searches import create_search
from webapp.accounts.tokens import create_token
from webapp.api import api
from webapp.templatetags.project_frame import TABS

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
KEY = UUID("00000000-0000-4000-8000-000000000001")

# What needs no account, and what needs no project.
PUBLIC = {"health", "accounts:sign_in", "accounts:invitation", "unknown_api_address"}
SIGNED_IN = {
    "dashboard",
    "dashboard_now",
    "dashboard_projects",
    "status_banner",
    "accounts:sign_out",
    "accounts:account",
    "accounts:new_token",
    "accounts:revoke_token",
    "labeling:new_project",
    "client_module",
}

# Beside its routes, what the API answers to people and tools that want to know how it works.
API_DOCUMENTATION = {"openapi-json", "openapi-view", "api-root"}

# Of each page: by which methods it is asked, and what one must be allowed to do for each.
PAGES: dict[str, dict[str, Act]] = {
    "project_api": {"GET": Act.VIEW},
    "new_project_token": {"POST": Act.VIEW},
    "revoke_project_token": {"POST": Act.MANAGE_PEOPLE},
    "labeling:project": {"GET": Act.VIEW},
    "labeling:project_settings": {"GET": Act.CHANGE_SETTINGS, "POST": Act.CHANGE_SETTINGS},
    "labeling:delete_project": {"POST": Act.DELETE_PROJECT},
    "labeling:queue_settings": {"POST": Act.CHANGE_SETTINGS},
    "labeling:settling_progress": {"GET": Act.VIEW},
    "labeling:images": {"GET": Act.VIEW},
    "labeling:image": {"GET": Act.VIEW, "POST": Act.LABEL},
    "labeling:delete_images": {"GET": Act.DELETE_IMAGES, "POST": Act.DELETE_IMAGES},
    "labeling:image_gold": {"POST": Act.CHANGE_SETTINGS},
    "labeling:image_file": {"GET": Act.VIEW},
    "labeling:thumbnail": {"GET": Act.VIEW},
    "labeling:slice_image": {"GET": Act.VIEW},
    "labeling:new_import": {"GET": Act.IMPORT},
    "labeling:import_check": {"POST": Act.IMPORT},
    "labeling:import_create": {"POST": Act.IMPORT},
    "labeling:import": {"GET": Act.VIEW},
    "labeling:import_upload": {"POST": Act.IMPORT},
    "labeling:import_start": {"POST": Act.IMPORT},
    "labeling:import_stop": {"POST": Act.IMPORT},
    "labeling:import_progress": {"GET": Act.VIEW},
    "labeling:exports": {"GET": Act.EXPORT, "POST": Act.EXPORT},
    "labeling:export": {"GET": Act.EXPORT},
    "labeling:export_file": {"GET": Act.EXPORT},
    "labeling:export_progress": {"GET": Act.EXPORT},
    "labeling:export_stop": {"POST": Act.EXPORT},
    "labeling:export_restart": {"POST": Act.EXPORT},
    "labeling:export_delete": {"POST": Act.EXPORT},
    "labeling:preparation": {"GET": Act.VIEW, "POST": Act.PREPARE},
    "labeling:preparation_preview": {"POST": Act.VIEW},
    "labeling:preparation_progress": {"GET": Act.VIEW},
    "labeling:preparation_suggestion": {"GET": Act.VIEW},
    "labeling:preparation_pattern": {"POST": Act.VIEW},
    "labeling:label": {"GET": Act.LABEL},
    "labeling:label_batch": {"GET": Act.LABEL},
    "labeling:annotate": {"POST": Act.LABEL},
    "labeling:skip": {"POST": Act.LABEL},
    "labeling:undo": {"POST": Act.LABEL},
    "labeling:sheet": {"GET": Act.LABEL},
    "labeling:sheet_cells": {"GET": Act.LABEL},
    "labeling:sheet_confirm": {"POST": Act.LABEL},
    "labeling:sheet_undo": {"POST": Act.LABEL},
    "labeling:review": {"GET": Act.REVIEW},
    "labeling:review_batch": {"GET": Act.REVIEW},
    "labeling:review_settle": {"POST": Act.REVIEW},
    "labeling:review_undo": {"POST": Act.REVIEW},
    "labeling:agreement": {"GET": Act.REVIEW},
    "labeling:people": {"GET": Act.VIEW},
    "labeling:invite": {"POST": Act.MANAGE_PEOPLE},
    "labeling:revoke_invitation": {"POST": Act.MANAGE_PEOPLE},
    # Somebody else's: one's own needs no more than looking at the project.
    "labeling:person": {"GET": Act.REVIEW},
    "labeling:change_role": {"POST": Act.MANAGE_PEOPLE},
    "labeling:remove_person": {"GET": Act.MANAGE_PEOPLE, "POST": Act.MANAGE_PEOPLE},
    "labeling:return_leases": {"POST": Act.MANAGE_PEOPLE},
    "labeling:audit": {"GET": Act.SEE_AUDIT},
    "training:runs": {"GET": Act.VIEW},
    "training:new_run": {"POST": Act.TRAIN},
    "training:augmentation_preview": {"POST": Act.TRAIN},
    "training:run_estimate": {"POST": Act.TRAIN},
    "training:run": {"GET": Act.VIEW},
    "training:run_summary": {"GET": Act.VIEW},
    "training:run_events": {"GET": Act.VIEW},
    "training:run_history": {"GET": Act.VIEW},
    "training:run_history_csv": {"GET": Act.VIEW},
    "training:run_readings": {"GET": Act.VIEW},
    "training:run_rounds": {"GET": Act.VIEW},
    "training:run_confused": {"GET": Act.VIEW},
    "training:learning_curve": {"GET": Act.VIEW},
    "training:start_learning_curve": {"POST": Act.TRAIN},
    "training:stop_learning_curve": {"POST": Act.TRAIN},
    "training:stop_run": {"POST": Act.TRAIN},
    "training:resume_run": {"POST": Act.TRAIN},
    "training:retry_run": {"POST": Act.TRAIN},
    "training:delete_run": {"GET": Act.DELETE_RUNS, "POST": Act.DELETE_RUNS},
    "training:compare_runs": {"GET": Act.VIEW},
    "training:run_curves": {"GET": Act.VIEW},
    "training:run_curves_csv": {"GET": Act.VIEW},
    "training:read_for_comparison": {"POST": Act.TRAIN},
    "training:comparison_progress": {"GET": Act.VIEW},
    "training:searches": {"GET": Act.VIEW},
    "training:new_search": {"POST": Act.TRAIN},
    "training:search": {"GET": Act.VIEW},
    "training:search_progress": {"GET": Act.VIEW},
    "training:stop_search": {"POST": Act.TRAIN},
    "training:train_best": {"POST": Act.TRAIN},
    "training:delete_search": {"GET": Act.DELETE_RUNS, "POST": Act.DELETE_RUNS},
    "training:without_labels": {"GET": Act.VIEW},
    "training:start_label_free": {"POST": Act.TRAIN},
    "training:label_free_estimate": {"POST": Act.TRAIN},
    "training:label_free": {"GET": Act.VIEW},
    "training:label_free_picture": {"GET": Act.VIEW},
    "training:adjust_style": {"GET": Act.VIEW, "POST": Act.TRAIN},
    "training:style_preview": {"POST": Act.VIEW},
    "training:transcribe": {"GET": Act.LABEL},
    "training:asked_batch": {"GET": Act.LABEL},
    "training:asked_annotate": {"POST": Act.LABEL},
    "training:asked_skip": {"POST": Act.LABEL},
    "training:asked_undo": {"POST": Act.LABEL},
    "training:strength_reports": {"GET": Act.VIEW},
    "training:start_strength_report": {"POST": Act.TRAIN},
    "training:strength_report": {"GET": Act.VIEW},
    "training:strength_progress": {"GET": Act.VIEW},
    "training:stop_strength_report": {"POST": Act.TRAIN},
    "training:resume_strength_report": {"POST": Act.TRAIN},
    "training:delete_strength_report": {"GET": Act.DELETE_RUNS, "POST": Act.DELETE_RUNS},
    "training:strength_file": {"GET": Act.VIEW},
    "training:fonts": {"GET": Act.VIEW, "POST": Act.TRAIN},
    "training:font_picture": {"GET": Act.VIEW},
    "training:delete_font": {"POST": Act.TRAIN},
    "training:models": {"GET": Act.VIEW},
    "training:model": {"GET": Act.VIEW},
    "training:promote_model": {"POST": Act.PROMOTE},
    "training:roll_back_model": {"POST": Act.PROMOTE},
    "training:archive_model": {"POST": Act.PROMOTE},
    "training:unarchive_model": {"POST": Act.PROMOTE},
    "training:promotion_rule": {"POST": Act.CHANGE_SETTINGS},
    "training:download_model": {"GET": Act.EXPORT},
    "training:suggestions": {"GET": Act.VIEW},
    "training:suggest": {"POST": Act.TRAIN},
    "training:starter_switch": {"POST": Act.CHANGE_SETTINGS},
    "training:automatic_loop": {"POST": Act.CHANGE_SETTINGS},
    "training:read": {"GET": Act.VIEW},
    "training:read_upload": {"POST": Act.READ},
    "training:readings_file": {"GET": Act.READ},
    "training:prediction_file": {"GET": Act.VIEW},
    "training:correct_prediction": {"POST": Act.READ},
    "training:webhook": {"GET": Act.CHANGE_SETTINGS, "POST": Act.CHANGE_SETTINGS},
    "training:remove_webhook": {"POST": Act.CHANGE_SETTINGS},
    "training:batches": {"GET": Act.VIEW},
    "training:batch_create": {"POST": Act.READ},
    "training:batch": {"GET": Act.VIEW},
    "training:batch_upload": {"POST": Act.READ},
    "training:batch_start": {"POST": Act.READ},
    "training:batch_resume": {"POST": Act.READ},
    "training:batch_cancel": {"POST": Act.READ},
    "training:batch_delete": {"POST": Act.READ},
    "training:batch_progress": {"GET": Act.VIEW},
    "training:batch_readings": {"GET": Act.VIEW},
    "training:batch_download": {"GET": Act.READ},
}

# Of each API route: what one must be allowed to do, and a body that says enough to get that far.
IMAGE_FILE = {"files": "picture"}
API: dict[str, tuple[Act | None, dict[str, Any]]] = {
    "GET /me": (None, {}),
    "GET /projects": (None, {}),
    "POST /projects": (None, {"name": "new", "alphabet": "01", "length": "2"}),
    "GET /projects/{project_id}": (Act.VIEW, {}),
    "GET /projects/{project_id}/imports": (Act.VIEW, {}),
    "POST /projects/{project_id}/imports": (Act.IMPORT, IMAGE_FILE),
    "GET /projects/{project_id}/imports/{import_id}": (Act.VIEW, {}),
    "GET /projects/{project_id}/imports/{import_id}/files": (Act.VIEW, {}),
    "GET /projects/{project_id}/images": (Act.VIEW, {}),
    "GET /projects/{project_id}/images/{image_id}": (Act.VIEW, {}),
    "GET /projects/{project_id}/images/{image_id}/file": (Act.VIEW, {}),
    "DELETE /projects/{project_id}/images/{image_id}": (Act.DELETE_IMAGES, {}),
    "POST /projects/{project_id}/queue/next": (Act.LABEL, {"count": 1}),
    "GET /projects/{project_id}/annotations": (Act.VIEW, {}),
    "POST /projects/{project_id}/annotations": (Act.LABEL, {"image": "{image_id}", "key": str(KEY)}),
    "POST /projects/{project_id}/annotations/{key}/withdraw": (Act.LABEL, {}),
    "GET /projects/{project_id}/formats": (Act.EXPORT, {}),
    "GET /projects/{project_id}/exports": (Act.EXPORT, {}),
    "POST /projects/{project_id}/exports": (Act.EXPORT, {"format": "table"}),
    "GET /projects/{project_id}/exports/{export_id}": (Act.EXPORT, {}),
    "DELETE /projects/{project_id}/exports/{export_id}": (Act.EXPORT, {}),
    "GET /projects/{project_id}/exports/{export_id}/file": (Act.EXPORT, {}),
    "GET /projects/{project_id}/people": (Act.VIEW, {}),
    "PATCH /projects/{project_id}/people/{user_id}": (Act.MANAGE_PEOPLE, {"role": "viewer"}),
    "DELETE /projects/{project_id}/people/{user_id}": (Act.MANAGE_PEOPLE, {}),
    "GET /projects/{project_id}/people/{user_id}/figures": (Act.REVIEW, {}),
    "GET /projects/{project_id}/invitations": (Act.MANAGE_PEOPLE, {}),
    "POST /projects/{project_id}/invitations": (Act.MANAGE_PEOPLE, {"role": "viewer"}),
    "DELETE /projects/{project_id}/invitations/{invitation_id}": (Act.MANAGE_PEOPLE, {}),
    "GET /projects/{project_id}/audit": (Act.SEE_AUDIT, {}),
    "GET /projects/{project_id}/review": (Act.REVIEW, {}),
    "POST /projects/{project_id}/review": (
        Act.REVIEW,
        {"image": "{image_id}", "key": str(KEY), "text": "123"},
    ),
    "POST /projects/{project_id}/review/undo": (Act.REVIEW, {"key": str(KEY)}),
    "GET /projects/{project_id}/agreement": (Act.REVIEW, {}),
    "GET /projects/{project_id}/datasets": (Act.VIEW, {}),
    "POST /projects/{project_id}/datasets": (Act.TRAIN, {}),
    "GET /projects/{project_id}/datasets/{dataset_number}": (Act.VIEW, {}),
    "GET /projects/{project_id}/datasets/{dataset_number}/items": (Act.VIEW, {}),
    "POST /projects/{project_id}/runs": (Act.TRAIN, {"seed": 1}),
    "GET /projects/{project_id}/runs/{number}": (Act.VIEW, {}),
    "DELETE /projects/{project_id}/runs/{number}": (Act.DELETE_RUNS, {}),
    "GET /projects/{project_id}/runs/{number}/epochs": (Act.VIEW, {}),
    "GET /projects/{project_id}/runs/{number}/events": (Act.VIEW, {}),
    "GET /projects/{project_id}/runs/{number}/contents": (Act.DELETE_RUNS, {}),
    "POST /projects/{project_id}/runs/{number}/stop": (Act.TRAIN, {}),
    "POST /projects/{project_id}/runs/{number}/resume": (Act.TRAIN, {}),
    "POST /projects/{project_id}/runs/{number}/retry": (Act.TRAIN, {}),
    "POST /projects/{project_id}/runs/{number}/clone": (Act.TRAIN, {}),
    "GET /projects/{project_id}/runs": (Act.VIEW, {}),
    "GET /projects/{project_id}/compare": (Act.VIEW, {}),
    "POST /projects/{project_id}/compare": (Act.TRAIN, {}),
    "GET /projects/{project_id}/models": (Act.VIEW, {}),
    "GET /projects/{project_id}/models/{model_id}": (Act.VIEW, {}),
    "POST /projects/{project_id}/models/{model_id}/promote": (Act.PROMOTE, {}),
    "POST /projects/{project_id}/models/{model_id}/archive": (Act.PROMOTE, {}),
    "POST /projects/{project_id}/models/{model_id}/unarchive": (Act.PROMOTE, {}),
    "GET /projects/{project_id}/models/{model_id}/files/{kind}": (Act.EXPORT, {}),
    "POST /projects/{project_id}/roll-back": (Act.PROMOTE, {}),
    "GET /projects/{project_id}/promotions": (Act.VIEW, {}),
    "GET /projects/{project_id}/promotion-rule": (Act.VIEW, {}),
    "POST /projects/{project_id}/promotion-rule": (Act.CHANGE_SETTINGS, {"rule": "proven"}),
    "GET /projects/{project_id}/searches": (Act.VIEW, {}),
    "POST /projects/{project_id}/searches": (Act.TRAIN, {"trials": 2}),
    "GET /projects/{project_id}/searches/{search_number}": (Act.VIEW, {}),
    "POST /projects/{project_id}/searches/{search_number}/stop": (Act.TRAIN, {}),
    "POST /projects/{project_id}/searches/{search_number}/best": (Act.TRAIN, {}),
    "GET /projects/{project_id}/searches/{search_number}/contents": (Act.DELETE_RUNS, {}),
    "DELETE /projects/{project_id}/searches/{search_number}": (Act.DELETE_RUNS, {}),
    "GET /projects/{project_id}/without-labels": (Act.VIEW, {}),
    "POST /projects/{project_id}/without-labels": (Act.TRAIN, {}),
    "GET /projects/{project_id}/without-labels/{label_free_number}": (Act.VIEW, {}),
    "GET /projects/{project_id}/without-labels/{label_free_number}/style": (Act.VIEW, {}),
    "POST /projects/{project_id}/without-labels/{label_free_number}/style": (Act.TRAIN, {"style": {}}),
    "GET /projects/{project_id}/without-labels/{label_free_number}/asked": (Act.LABEL, {}),
    "POST /projects/{project_id}/without-labels/{label_free_number}/asked": (
        Act.LABEL,
        {"image": "{image_id}", "key": str(KEY)},
    ),
    "GET /projects/{project_id}/strength-reports": (Act.VIEW, {}),
    "POST /projects/{project_id}/strength-reports": (Act.TRAIN, {}),
    "GET /projects/{project_id}/strength-reports/{report_number}": (Act.VIEW, {}),
    "POST /projects/{project_id}/strength-reports/{report_number}/stop": (Act.TRAIN, {}),
    "POST /projects/{project_id}/strength-reports/{report_number}/resume": (Act.TRAIN, {}),
    "GET /projects/{project_id}/strength-reports/{report_number}/contents": (Act.DELETE_RUNS, {}),
    "DELETE /projects/{project_id}/strength-reports/{report_number}": (Act.DELETE_RUNS, {}),
    "POST /projects/{project_id}/read": (Act.READ, IMAGE_FILE),
    "GET /projects/{project_id}/predictions": (Act.VIEW, {}),
    "POST /projects/{project_id}/corrections": (Act.READ, {"image": "no picture", "text": "123"}),
    "GET /projects/{project_id}/batches": (Act.VIEW, {}),
    "POST /projects/{project_id}/batches": (Act.READ, IMAGE_FILE),
    "GET /projects/{project_id}/batches/{batch_id}": (Act.VIEW, {}),
    "DELETE /projects/{project_id}/batches/{batch_id}": (Act.READ, {}),
    "POST /projects/{project_id}/batches/{batch_id}/files": (Act.READ, IMAGE_FILE),
    "POST /projects/{project_id}/batches/{batch_id}/start": (Act.READ, {}),
    "POST /projects/{project_id}/batches/{batch_id}/cancel": (Act.READ, {}),
    "GET /projects/{project_id}/batches/{batch_id}/results": (Act.VIEW, {}),
    "GET /projects/{project_id}/batches/{batch_id}/download/{format}": (Act.READ, {}),
    "GET /projects/{project_id}/webhook": (Act.CHANGE_SETTINGS, {}),
    "PUT /projects/{project_id}/webhook": (Act.CHANGE_SETTINGS, {"url": "https://example.org/"}),
    "DELETE /projects/{project_id}/webhook": (Act.CHANGE_SETTINGS, {}),
    "GET /projects/{project_id}/tracking": (Act.VIEW, {}),
    "GET /projects/{project_id}/suggestions": (Act.VIEW, {}),
    "POST /projects/{project_id}/suggestions": (Act.TRAIN, {}),
    "POST /projects/{project_id}/suggestions/starter": (Act.CHANGE_SETTINGS, {"on": False}),
    "GET /projects/{project_id}/loop": (Act.VIEW, {}),
    "POST /projects/{project_id}/loop": (Act.CHANGE_SETTINGS, {"on": False}),
}

COMMANDS: dict[str, Act] = {
    "automatic_loop": Act.CHANGE_SETTINGS,
    "cross_validate": Act.TRAIN,
    "evaluate": Act.READ,
    "export_images": Act.EXPORT,
    "import_images": Act.IMPORT,
    "invite": Act.MANAGE_PEOPLE,
    "learning_curve": Act.TRAIN,
    "predict": Act.READ,
    "propose_preparation": Act.PREPARE,
    "read_without_labels": Act.TRAIN,
    "recount_project": Act.CHANGE_SETTINGS,
    "search": Act.TRAIN,
    "strength_report": Act.TRAIN,
    "suggest": Act.TRAIN,
    "train": Act.TRAIN,
}
# What a command needs besides its project.
ARGUMENTS = {
    "evaluate": [".", "--labels", "filename"],
    "export_images": ["out.zip"],
    "import_images": ["."],
    "predict": ["."],
}
COMMANDS_WITHOUT_A_PROJECT = {"create_project", "draw"}


@dataclass
class World:
    """A project with a row of everything that an address can name, and somebody of every kind."""

    project: Project
    people: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
    return make_world()


def make_world(name: str = "digits") -> World:
    """Make one; a second one beside it needs another name."""
    key = KEY if name == "digits" else uuid4()
    # Without passwords, which take long to hash: nobody signs in by one here.
    add = get_user_model().objects.create_user

    def called(person: str) -> str:
        return person if name == "digits" else f"{person} of {name}"

    owner = add(username=called("owner"))
    project = make_project(owner, name)
    people = {
        role.value: make_member(project, role, called(role.value)) for role in Role if role != Role.OWNER
    }
    people |= {
        "owner": owner,
        "administrator": add(username=called("root"), is_staff=True),
        "stranger": add(username=called("eve")),
    }
    [image, *_] = add_images(project, texts(90))
    Annotation.objects.create(
        image=image, annotator=owner, text=image.text, key=key, source=AnnotationSource.REVIEW
    )
    Doubt.objects.create(image=image, text="000", confidence=0.9, model_number=1)
    batch = Import.objects.create(project=project, label_source="none", state=JobState.DONE)
    export = create_export(project=project, user=owner, format="table")
    export.file.save("table.csv", ContentFile(b"name,text"))
    Export.objects.filter(pk=export.pk).update(state=JobState.DONE)
    model = add_model(add_run(project))
    label_free = add_label_free(project)
    somebody = make_member(project, Role.ANNOTATOR, called("somebody"))
    reading_batch = add_batch(model, ["123"])
    Webhook.objects.create(project=project, url="https://example.org/", nonce="1", created_at=timezone.now())
    values = {
        "project_id": project.pk,
        "image_id": image.pk,
        "position": 0,
        "import_id": batch.pk,
        "export_id": export.pk,
        "number": model.run.number,
        "dataset_number": model.run.dataset.number,
        "search_number": create_search(project=project, user=owner).number,
        "report_number": add_report(project).number,
        "extension": "json",
        "model_id": model.pk,
        "label_free_number": label_free.run.number,
        "name": picture_name(label_free),
        "index": 0,
        "kind": "onnx",
        "batch_id": reading_batch.pk,
        "font_id": add_font(project).pk,
        "format": "csv",
        "prediction_id": add_prediction(model).pk,
        "invitation_id": invite(project=project, user=owner, role=Role.VIEWER)[0].pk,
        "user_id": somebody.pk,
        "token_id": create_token(user=somebody, name="theirs", project=project)[0].pk,
        "key": key,
    }
    return World(project, people, values)


def expected(person: str, act: Act) -> str:
    if person == "stranger":
        return "missing"
    role = Role.OWNER if person == "administrator" else Role(person)
    return "allowed" if allows(role, act) else "forbidden"


def outcome(response: Any) -> str:
    if response.status_code == 302 and response.url.startswith(reverse("accounts:sign_in")):
        return "anonymous"
    # An allowed request may still be refused for what it says or for the state of things.
    named = {401: "anonymous", 403: "forbidden", 404: "missing", 405: "no such method"}
    return named.get(response.status_code, "allowed" if response.status_code < 500 else "failed")


def ask(client: Client, person: Any, method: str, address: str, **more: Any) -> Any:
    """Send a request as somebody, and take back what it changes."""
    client.logout()
    if person is not None:
        client.force_login(person)
    with transaction.atomic():
        response = client.generic(method, address, **more)
        transaction.set_rollback(True)
    return response


def page_routes() -> dict[str, set[str]]:
    """Every named route of the site but the API's, with what its address names."""

    def walk(patterns: list[Any], names: list[str], parts: set[str]) -> Iterator[tuple[str, set[str]]]:
        for one in patterns:
            here = parts | set(one.pattern.converters)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, names + ([one.namespace] if one.namespace else []), here)
            elif isinstance(one, URLPattern):
                yield ":".join([*names, str(one.name)]), here

    routes = dict(walk(get_resolver().url_patterns, [], set()))
    return {name: parts for name, parts in routes.items() if not name.startswith("api-1:")}


def api_routes() -> set[str]:
    """Every operation that the API's addresses lead to, those that no document shows included."""
    # Routers are whole when the addresses are.
    assert get_resolver().url_patterns
    return {
        f"{method} {_address(prefix, path)}"
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def _address(prefix: str, path: str) -> str:
    # As the document writes it: without the converters of Django's addresses.
    return re.sub(r"{\w+:(\w+)}", r"{\1}", f"{prefix}{path}")


def project_commands() -> dict[str, type[WorkbenchCommand]]:
    modules = (labeling.management.commands, training.management.commands)
    names = [(one.__name__, name) for one in modules for _, name, _ in pkgutil.iter_modules(one.__path__)]
    found = {name: importlib.import_module(f"{module}.{name}").Command for module, name in names}
    return {name: command for name, command in found.items() if name not in COMMANDS_WITHOUT_A_PROJECT}


def test_every_page_says_what_one_must_be_allowed_to_do() -> None:
    assert set(page_routes()) == set(PAGES) | PUBLIC | SIGNED_IN


def test_every_api_route_says_what_one_must_be_allowed_to_do() -> None:
    assert api_routes() == set(API)


def test_nothing_hangs_in_the_api_beside_its_routes_and_its_documentation() -> None:
    """A view that somebody adds to its addresses by hand would ask nobody who they are."""
    [mounted] = [one for one in get_resolver().url_patterns if getattr(one, "namespace", None) == "api-1"]
    known = {
        f"{prefix}{path}".lstrip("/") for prefix, router in api._routers for path in router.path_operations
    }
    others = {str(one.name) for one in mounted.url_patterns if _as_written(one) not in known}
    assert others == API_DOCUMENTATION


def _as_written(pattern: URLPattern) -> str:
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: f"{{{found[2]}}}", str(pattern.pattern))


def test_every_command_says_what_one_must_be_allowed_to_do() -> None:
    assert {name: command.act for name, command in project_commands().items()} == COMMANDS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_those_who_may(client: Client, world: World, name: str) -> None:
    arguments = {part: world.values[part] for part in page_routes()[name]}
    address = reverse(name, kwargs=arguments) + "?left=0&right=5000"
    for method, act in PAGES[name].items():
        found = {person: outcome(ask(client, user, method, address)) for person, user in world.people.items()}
        assert found == {person: expected(person, act) for person in world.people}
        assert outcome(ask(client, None, method, address)) == "anonymous"
    others = [method for method in METHODS if method not in PAGES[name]]
    owner = world.people["owner"]
    assert {ask(client, owner, method, address).status_code for method in others} == {405}


@pytest.mark.parametrize("name", API)
def test_an_api_route_is_for_those_who_may(client: Client, world: World, name: str) -> None:
    act, wish = API[name]
    method, path = name.split(" ")
    address = f"/api/v1{path.format(**world.values)}"
    sent = body(wish, world.values)
    if act is not None:
        found = {
            person: outcome(ask(client, user, method, address, **body(wish, world.values)))
            for person, user in world.people.items()
        }
        assert found == {person: expected(person, act) for person in world.people}
    assert outcome(ask(client, None, method, address, **sent)) == "anonymous"


# What addresses name: rows whose numbers count through all projects,
ROWS = {
    "image_id", "import_id", "export_id", "model_id", "prediction_id", "invitation_id", "user_id", "token_id", "key",
    "batch_id", "font_id",
}  # fmt: skip
# what counts within a project, or within a row of it, and what belongs to no project.
NUMBERS = {"number", "search_number", "dataset_number", "report_number", "label_free_number"}
OTHER_PARTS = {"project_id", "position", "kind", "format", "extension", "secret", "name", "index"}
# Where somebody else may have deleted the row meanwhile, which is said beside those that are left.
SAID_TO_BE_GONE = {"POST labeling:image"}


@pytest.fixture
def elsewhere(world: World) -> World:
    """Another project, with the same owner and the same administrator."""
    other = make_world("letters")
    Member.objects.create(project=other.project, user=world.people["owner"], role=Role.OWNER)
    return other


def test_what_an_address_names_is_known_to_belong_to_a_project_or_not(world: World) -> None:
    """A new part of an address fails here until it is in one of these sets, and in `make_world`."""
    parts = set().union(*page_routes().values(), *(re.findall(r"{(\w+)}", name) for name in API))
    assert parts == ROWS | NUMBERS | OTHER_PARTS
    assert parts - {"secret"} == set(world.values)


@pytest.mark.parametrize("person", ["owner", "administrator"])
def test_what_belongs_to_another_project_is_missing_in_this_one(
    client: Client, world: World, elsewhere: World, person: str
) -> None:
    """However much one may do in both: a page must not show or change one project's rows as another's."""
    routes = page_routes()
    pages = {
        f"{method} {name}": (method, {part: world.values[part] for part in routes[name]}, name)
        for name, methods in PAGES.items()
        for method in methods
    }
    wrong = {}
    for label, (method, values, name) in pages.items():
        for part in ROWS & set(values):
            address = reverse(name, kwargs=values | {part: elsewhere.values[part]}) + "?left=0&right=5000"
            answer = ask(client, world.people[person], method, address)
            gone = label in SAID_TO_BE_GONE and answer.url == reverse(
                "labeling:images", args=[world.project.pk]
            )
            if outcome(answer) != "missing" and not gone:
                wrong[f"{label} with another's {part}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("person", ["owner", "administrator"])
def test_the_api_does_not_take_one_projects_rows_for_anothers(
    client: Client, world: World, elsewhere: World, person: str
) -> None:
    wrong = {}
    for name, (_, wish) in API.items():
        method, path = name.split(" ")
        for part in ROWS & set(re.findall(r"{(\w+)}", path)):
            address = f"/api/v1{path.format(**world.values | {part: elsewhere.values[part]})}"
            answer = ask(client, world.people[person], method, address, **body(wish, world.values))
            if outcome(answer) != "missing":
                wrong[f"{name} with another's {part}"] = answer.status_code
        if "{image_id}" in wish.values():
            address = f"/api/v1{path.format(**world.values)}"
            answer = ask(client, world.people[person], method, address, **body(wish, elsewhere.values))
            if answer.status_code not in (404, 422):
                wrong[f"{name} with another's image in its body"] = answer.status_code
    assert wrong == {}


def test_another_projects_run_search_or_dataset_is_not_found_by_its_number(
    client: Client, world: World, elsewhere: World
) -> None:
    """Numbers count within a project: one that only the other has leads nowhere."""
    numbers = {name: elsewhere.values[name] + 50 for name in NUMBERS}
    run, search = elsewhere.project.runs.latest("pk"), elsewhere.project.searches.latest("pk")
    report = elsewhere.project.strength_reports.latest("pk")
    rows = {
        "number": run,
        "search_number": search,
        "dataset_number": run.dataset,
        "report_number": report,
        "label_free_number": LabelFree.objects.get(run__project=elsewhere.project).run,
    }
    for name, row in rows.items():
        type(row).objects.filter(pk=row.pk).update(number=numbers[name])
    owner = world.people["owner"]
    wrong = {}
    for name, methods in PAGES.items():
        parts = page_routes()[name]
        if parts & set(numbers):
            values = {part: (world.values | numbers)[part] for part in parts}
            for method in methods:
                answer = ask(client, owner, method, reverse(name, kwargs=values))
                if outcome(answer) != "missing":
                    wrong[f"{method} {name}"] = answer.status_code
    for name, (_, wish) in API.items():
        method, path = name.split(" ")
        if set(re.findall(r"{(\w+)}", path)) & set(numbers):
            address = f"/api/v1{path.format(**world.values | numbers)}"
            answer = ask(client, owner, method, address, **body(wish, world.values))
            if outcome(answer) != "missing":
                wrong[name] = answer.status_code
    assert wrong == {}


def test_the_api_answers_to_no_method_that_it_has_no_route_for(client: Client, world: World) -> None:
    methods: dict[str, set[str]] = {}
    for name in API:
        method, path = name.split(" ")
        methods.setdefault(path, set()).add(method)
    owner = world.people["owner"]
    wrong = {
        f"{method} {path}": status
        for path, known in methods.items()
        for method in METHODS
        if method not in known
        and (status := ask(client, owner, method, f"/api/v1{path.format(**world.values)}").status_code) != 405
    }
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(API_DOCUMENTATION - {"api-root"}))
def test_how_the_api_works_is_told_to_those_with_an_account(client: Client, name: str) -> None:
    address = reverse(f"api-1:{name}")
    assert outcome(client.get(address)) == "anonymous"
    client.force_login(get_user_model().objects.create_user(username="ada"))
    assert client.get(address).status_code == 200


def body(wish: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    if wish is IMAGE_FILE:
        picture = SimpleUploadedFile("123.png", b"no picture", "image/png")
        return {"data": encode_multipart(BOUNDARY, {"files": picture}), "content_type": MULTIPART_CONTENT}
    filled = {key: values["image_id"] if value == "{image_id}" else value for key, value in wish.items()}
    return {"data": json.dumps(filled), "content_type": "application/json"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_acts_as_those_who_may(world: World, name: str) -> None:
    act = COMMANDS[name]
    for role in Role:
        if not allows(role, act):
            with pytest.raises(CommandError, match="one needs the role"):
                call_command(
                    name, "digits", *ARGUMENTS.get(name, []), "--as", role.value, stdout=io.StringIO()
                )
    with pytest.raises(CommandError, match="one needs the role"):
        call_command(name, "digits", *ARGUMENTS.get(name, []), "--as", "eve", stdout=io.StringIO())


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_pages_without_a_project_are_for_everybody_with_an_account(client: Client, name: str) -> None:
    arguments = dict.fromkeys(page_routes()[name], 1)
    assert outcome(client.get(reverse(name, kwargs=arguments))) == "anonymous"


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_pages_need_no_account(client: Client, name: str) -> None:
    arguments = dict.fromkeys(page_routes()[name], "x")
    assert outcome(client.get(reverse(name, kwargs=arguments))) != "anonymous"


@pytest.mark.parametrize("name", TABS)
def test_a_tab_is_shown_to_those_who_may_open_it(name: str) -> None:
    _, route, act = TABS[name]
    assert PAGES[route]["GET"] == act
