"""Deleting a run with all that came of it, after a look at what that is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from labeling.errors import Refused
from labeling.models import Doubt, Image, Project, Suggestion
from labeling.services.audit import Action, record
from labeling.services.storage import delete_folder, disk_size, folder_size
from training.leftovers import run_folder, run_storage
from training.models import Model, ModelState, Prediction, ReadingBatch, Run


@dataclass(frozen=True)
class RunContents:
    """What goes with a run. Sizes are in bytes; `checkpoints` counts those in the storage and on this machine."""

    model: Model | None
    model_bytes: int
    checkpoint_bytes: int
    epochs: int
    readings: int
    suggestions: int
    doubts: int

    @property
    def is_production(self) -> bool:
        """Whether the project would be left without the model that it reads with."""
        return self.model is not None and self.model.state == ModelState.PRODUCTION


def run_contents(run: Run) -> RunContents:
    """Count what would go with a run."""
    model = Model.objects.filter(run=run).select_related("run").first()
    files = [] if model is None else [file for file in (model.keras_file, model.onnx_file) if file]
    return RunContents(
        model=model,
        model_bytes=sum(_size(str(file.name)) for file in files),
        checkpoint_bytes=folder_size(default_storage, run_storage(run)) + disk_size(run_folder(run.pk)),
        epochs=run.history.count(),
        readings=Prediction.objects.filter(model__run=run).count(),
        suggestions=suggestions_of(run.project_id, [run.number]).count() if model else 0,
        doubts=doubts_of(run.project_id, [run.number]).count() if model else 0,
    )


def delete_run(*, run: Run, user: Any, even_production: bool = False) -> None:
    """Delete a run with its history, checkpoints and model, and with what that model read, suggested and doubted.

    Images, labels and the dataset version stay, and so do labels that people made of its readings and suggestions.

    Args:
        even_production: whether the project may be left without a model to read with.

    Raises:
        Refused: the run is under way, or its model is in production.
    """
    with transaction.atomic():
        # Whoever promotes a model takes turns here, too.
        Project.objects.select_for_update().get(pk=run.project_id)
        run = Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
        if run.is_active:
            raise Refused(f"{run} is {run.get_state_display().lower()}: stop it first, then delete it.")
        model = Model.objects.filter(run=run).first()
        if not even_production:
            keep_production(run.project, [run.pk])
        files, folders = files_of([run.pk]), folders_of([run.pk])
        if model is not None:
            forget_said(run.project_id, [run.number])
        detail = {"number": run.number, "model": model is not None}
        record(project=run.project, user=user, action=Action.RUN_DELETED, target=str(run), detail=detail)
        run.delete()
        transaction.on_commit(lambda: delete_files(files, folders))


def keep_production(project: Project, run_pks: Sequence[int]) -> None:
    """Raise Refused where one of these runs made the model that the project reads with."""
    production = Model.objects.filter(run__in=run_pks, state=ModelState.PRODUCTION).first()
    if production is not None:
        raise Refused(
            f"{production} is what “{project.name}” reads with. Promote another model first, or say that the "
            "project may be left without one."
        )


def files_of(run_pks: Sequence[int]) -> list[str]:
    """Return the names of the files that go with runs: of their models, and of what those have read."""
    models = Model.objects.filter(run__in=run_pks).values_list("keras_file", "onnx_file")
    readings = Prediction.objects.filter(model__run__in=run_pks, batch=None).values_list("file", flat=True)
    return [*filter(None, chain.from_iterable(models)), *filter(None, readings)]


def folders_of(run_pks: Sequence[int]) -> list[str]:
    """Return the folders that go with runs: of the batches that their models have read."""
    return [batch.folder for batch in ReadingBatch.objects.filter(model__run__in=run_pks)]


def delete_files(names: Iterable[str], folders: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
    for folder in folders:
        delete_folder(default_storage, folder)


def forget_said(project_pk: int, numbers: Sequence[int]) -> None:
    """Take back what the models of the runs with these numbers said of images that are still there."""
    suggestions = suggestions_of(project_pk, numbers)
    Image.objects.filter(pk__in=suggestions.values("image")).update(confidence=0)
    suggestions.delete()
    doubts_of(project_pk, numbers).delete()


def suggestions_of(project_pk: int, numbers: Sequence[int]) -> Any:
    return Suggestion.objects.filter(image__project=project_pk, model_number__in=numbers)


def doubts_of(project_pk: int, numbers: Sequence[int]) -> Any:
    return Doubt.objects.filter(image__project=project_pk, model_number__in=numbers)


def _size(name: str) -> int:
    try:
        return int(default_storage.size(name))
    except FileNotFoundError:
        return 0
