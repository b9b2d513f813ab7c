"""Deleting a search with its trials and all that came of them, after a look at what that is."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES
from labeling.models import Project
from labeling.services.audit import Action, record
from training.models import Epoch, Model, ModelState, Prediction, Run, Search
from training.services.deleting_runs import (
    delete_files,
    doubts_of,
    files_of,
    folders_of,
    forget_said,
    keep_production,
    suggestions_of,
)


@dataclass(frozen=True)
class SearchContents:
    """How many rows of each kind go with a search; `under_way` trials have to end before it can."""

    trials: int
    under_way: int
    epochs: int
    models: int
    readings: int
    suggestions: int
    doubts: int
    production: Model | None

    @property
    def is_production(self) -> bool:
        """Whether the project would be left without the model that it reads with."""
        return self.production is not None


def search_contents(search: Search) -> SearchContents:
    """Count what would go with a search: as many queries for a thousand trials as for one."""
    states = dict(search.trials.values_list("number", "state"))
    models = Model.objects.filter(run__search=search)
    return SearchContents(
        trials=len(states),
        under_way=sum(state in ACTIVE_STATES for state in states.values()),
        epochs=Epoch.objects.filter(run__search=search).count(),
        models=models.count(),
        readings=Prediction.objects.filter(model__run__search=search).count(),
        suggestions=suggestions_of(search.project_id, list(states)).count(),
        doubts=doubts_of(search.project_id, list(states)).count(),
        production=models.filter(state=ModelState.PRODUCTION).select_related("run").first(),
    )


def delete_search(*, search: Search, user: Any, even_production: bool = False) -> None:
    """Delete a search, its trials with their histories, checkpoints and models, and what Optuna keeps of it.

    Images, labels and the dataset version stay, and so do runs that were trained anew with what it found.

    Args:
        even_production: whether the project may be left without a model to read with.

    Raises:
        Refused: the search or a trial of it is under way, or the model of a trial is in production.
    """
    with transaction.atomic():
        # In the order in which `searches.advance` locks them; whoever promotes a model takes turns at the project.
        search = Search.objects.select_for_update().get(pk=search.pk)
        project = Project.objects.select_for_update().get(pk=search.project_id)
        if search.is_active:
            raise Refused(f"{search} is under way: stop it first, then delete it.")
        trials = list(search.trials.select_for_update().order_by("pk"))
        busy = next((run for run in trials if run.is_active), None)
        if busy is not None:
            raise Refused(
                f"{busy}, a trial of {search}, is still {busy.get_state_display().lower()}. "
                "Wait until it has ended or stop it, then delete the search."
            )
        pks, numbers = [run.pk for run in trials], [run.number for run in trials]
        if not even_production:
            keep_production(project, pks)
        files, folders = files_of(pks), folders_of(pks)
        forget_said(project.pk, numbers)
        detail = {"number": search.number, "runs": numbers}
        record(project=project, user=user, action=Action.SEARCH_DELETED, target=str(search), detail=detail)
        Run.objects.filter(pk__in=pks).delete()
        # A worker forgets the study.
        search.delete()
        transaction.on_commit(lambda: delete_files(files, folders))
