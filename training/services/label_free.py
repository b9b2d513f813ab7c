"""Trainings without labels as people see them: starting one, training again with an adjusted style.

Stopping, resuming and deleting are those of every run. The work itself is in `label_free_work`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action
from training.models import LabelFree, Run, Teaching
from training.recognition.architectures import get_architecture
from training.recognition.synthesis.style import Style
from training.services.refusals import refusing
from training.services.runs import check_budget, create_run
from training.services.unlabelled import check_enough

LEAST_DRAWN, DRAWN, MOST_DRAWN = 200, 30_000, 500_000
MINUTES = 45.0


@dataclass(frozen=True)
class Wish:
    """What a training without labels is told.

    refine: a refiner makes drawn images look like real ones.
    self_train: the reader goes on to learn from its own sure readings of the unlabelled images.
    synthetic_count: as many images are drawn.
    max_minutes: of all stages together.
    """

    refine: bool = False
    self_train: bool = True
    synthetic_count: int = DRAWN
    max_minutes: float = MINUTES

    @classmethod
    def of(cls, label_free: LabelFree) -> "Wish":
        """Return what a run was told."""
        return cls(**label_free.options)


def start_without_labels(
    *,
    project: Project,
    user: Any,
    wish: Wish | None = None,
    style: Mapping[str, Any] | None = None,
    architecture: str | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    copy_of: Run | None = None,
    here: bool = False,
) -> Run:
    """Queue a run that learns without labels.

    Args:
        style: as `Style.to_json` writes it, drawn in as it is; left out, one is fitted to the images.
        copy_of: the run whose style was adjusted, or that is repeated.
        here: the caller trains itself, so no message is sent.

    Raises:
        Refused: something about the wish cannot work, in words that say what to change.
    """
    wish = wish or Wish()
    if not LEAST_DRAWN <= wish.synthetic_count <= MOST_DRAWN:
        raise Refused(
            f"{wish.synthetic_count:,} drawn images do not work: give {LEAST_DRAWN:,} to {MOST_DRAWN:,}."
        )
    if style is not None:
        checked_style(style)
    if architecture is not None and wish.self_train:
        _check_self_trains(architecture)
    check_budget(seed=seed, max_epochs=None, max_minutes=wish.max_minutes)
    check_enough(project)

    def remember(run: Run) -> None:
        LabelFree.objects.create(run=run, options=asdict(wish), style=style, is_adjusted=style is not None)

    return create_run(
        project=project,
        user=user,
        teaching=Teaching.NO_LABELS,
        architecture=architecture,
        hyperparameters=hyperparameters,
        seed=seed,
        max_minutes=wish.max_minutes,
        self_training=False,
        copy_of=copy_of,
        here=here,
        action=Action.RUN_STARTED_WITHOUT_LABELS,
        confirm=remember,
    )


def _check_self_trains(architecture: str) -> None:
    with refusing():
        chosen = get_architecture(architecture)
    if not chosen.self_trains:
        raise Refused(
            f"{chosen.title} cannot learn from unlabelled images: choose slots or ctc, or leave self-training out."
        )


def train_again(*, label_free: LabelFree, user: Any, style: Mapping[str, Any]) -> Run:
    """Queue a run like another one, on the images as they are now, that draws in an adjusted style.

    Raises:
        Refused: as `start_without_labels` does.
    """
    run = label_free.run
    return start_without_labels(
        project=run.project,
        user=user,
        wish=Wish.of(label_free),
        style=style,
        architecture=run.architecture,
        hyperparameters=run.hyperparameters,
        seed=run.seed,
        copy_of=run,
    )


def adjusted_style(*, label_free: LabelFree, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's style with some values changed, as `Style.to_json` writes it.

    Raises:
        Refused: the run has no style yet, or the values make no sense.
    """
    if label_free.style is None:
        raise Refused(f"{label_free.run} has no style yet: wait until it is fitted.")
    return checked_style(label_free.style | dict(changes)).to_json()


def checked_style(values: Mapping[str, Any]) -> Style:
    """Return a style from its JSON.

    Raises:
        Refused: it makes no sense; the sentence says what does not.
    """
    try:
        return Style.from_json(values)
    except ValueError as error:
        raise Refused(f"This style does not work: {error}") from None
