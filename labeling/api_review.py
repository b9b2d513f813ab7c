"""API routes of review: what people disagree about or the model doubts, and how well people agree."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from labeling.access import Act, get_project
from labeling.api_paging import Page, whole_page
from labeling.api_shares import ShareOut
from labeling.models import Annotation, Image
from labeling.services.agreement import compared_images, project_agreement
from labeling.services.annotations import SkipReason
from labeling.services.review import Case, next_cases, settle_case, undo_settlement

router = Router(tags=["review"])
MOST_CASES = 100


class ChoiceOut(Schema):
    text: str
    skip_reason: str
    said_by: list[str]


class CaseOut(Schema):
    image: int
    name: str
    kind: Literal["dispute", "doubt"]
    choices: list[ChoiceOut]

    @staticmethod
    def resolve_image(case: Case) -> int:
        return case.image.pk

    @staticmethod
    def resolve_name(case: Case) -> str:
        return case.image.name


class SettlementIn(Schema):
    image: int
    key: UUID
    text: str = ""
    skip_reason: Literal["unreadable", "other_family", "cut_off"] | None = None
    milliseconds: int | None = Field(None, ge=0, lt=2**31)


class SettlementOut(Schema):
    key: UUID
    image: int
    text: str
    skip_reason: str

    @staticmethod
    def resolve_image(annotation: Annotation) -> int:
        return annotation.image_id


class UndoIn(Schema):
    key: UUID


class UndoneOut(Schema):
    image: int
    status: str


class PersonAgreementOut(Schema):
    """`user` is the person's number; None for somebody whom an imported file names: `name_in_file`."""

    user: int | None
    name_in_file: str
    images: int
    readings: ShareOut
    agreed_text: ShareOut
    kappa: float | None


class CharacterPairOut(Schema):
    first: str
    second: str
    share: ShareOut


class AgreementOut(Schema):
    images: ShareOut
    readings: ShareOut
    kappa: float | None
    people: list[PersonAgreementOut]
    character_pairs: list[CharacterPairOut]


@router.get("/projects/{project_id}/review", response=Page[CaseOut], summary="Images in review")
def list_cases(request: HttpRequest, project_id: int, count: int = MOST_CASES) -> dict[str, Any]:
    """Disputes first, oldest first; then labels that a reader doubts, surest first. At most 100: the head of a line
    rather than a page, so settle these and ask again."""
    project = get_project(request.user, project_id, Act.REVIEW)
    return whole_page(next_cases(project=project, count=max(1, min(count, MOST_CASES))))


@router.post("/projects/{project_id}/review", response=SettlementOut, summary="Settle what an image reads")
def settle(request: HttpRequest, project_id: int, wish: SettlementIn) -> Annotation:
    """Give a `text`, or a `skip_reason` why there is none. The same `key` again changes nothing."""
    project = get_project(request.user, project_id, Act.REVIEW)
    return settle_case(
        image=get_object_or_404(Image.objects.select_related("project"), project=project, pk=wish.image),
        user=request.user,
        key=wish.key,
        text=wish.text,
        skip_reason=SkipReason(wish.skip_reason) if wish.skip_reason else None,
        milliseconds=wish.milliseconds,
    )


@router.post("/projects/{project_id}/review/undo", response=UndoneOut, summary="Take a settlement back")
def undo(request: HttpRequest, project_id: int, wish: UndoIn) -> dict[str, Any]:
    project = get_project(request.user, project_id, Act.REVIEW)
    annotation = get_object_or_404(Annotation, image__project=project, key=wish.key)
    image = undo_settlement(annotation=annotation, user=request.user)
    return {"image": image.pk, "status": image.status}


@router.get("/projects/{project_id}/agreement", response=AgreementOut, summary="How well people agree")
def show_agreement(request: HttpRequest, project_id: int) -> dict[str, Any]:
    """Told from the last 2,000 images that two or more people read."""
    project = get_project(request.user, project_id, Act.REVIEW)
    figures = project_agreement(compared_images(project))
    return {
        "images": ShareOut.of(figures.images),
        "readings": ShareOut.of(figures.readings),
        "kappa": figures.kappa,
        "people": [
            {
                "user": one.person if isinstance(one.person, int) else None,
                "name_in_file": one.person if isinstance(one.person, str) else "",
                "images": one.images,
                "readings": ShareOut.of(one.readings),
                "agreed_text": ShareOut.of(one.settled),
                "kappa": one.kappa,
            }
            for one in figures.people
        ],
        "character_pairs": [
            {"first": pair.first, "second": pair.second, "share": ShareOut.of(pair.share)}
            for pair in figures.character_pairs
        ],
    }
