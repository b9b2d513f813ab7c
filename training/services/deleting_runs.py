"""Deleting a run with all that came of it, after a look at what that is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from labeling.errors import Refused
from labeling.models import Doubt, Image, Project, Suggestion
from labeling.services.audit import Action, record
from labeling.services.storage import delete_folder, folder_size
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
        checkpoint_bytes=folder_size(default_storage, run_storage(run)) + _disk_size(run_folder(run.pk)),
        epochs=run.history.count(),
        readings=Prediction.objects.filter(model__run=run).count(),
        suggestions=_suggestions(run).count() if model else 0,
        doubts=_doubts(run).count() if model else 0,
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
        if model is not None and model.state == ModelState.PRODUCTION and not even_production:
            raise Refused(
                f"{model} is what “{run.project.name}” reads with. Promote another model first, or say that the "
                "project may be left without one."
            )
        files = [] if model is None else [str(model.keras_file.name), str(model.onnx_file.name)]
        files += Prediction.objects.filter(model__run=run, batch=None).values_list("file", flat=True)
        folders = [batch.folder for batch in ReadingBatch.objects.filter(model__run=run)]
        if model is not None:
            _forget(run)
        detail = {"number": run.number, "model": model is not None}
        record(project=run.project, user=user, action=Action.RUN_DELETED, target=str(run), detail=detail)
        run.delete()
        transaction.on_commit(lambda: _delete_files(files, folders))


def _forget(run: Run) -> None:
    """Take back what the run's model said of images that are still there."""
    suggestions = _suggestions(run)
    Image.objects.filter(pk__in=suggestions.values("image")).update(confidence=0)
    suggestions.delete()
    _doubts(run).delete()


def _suggestions(run: Run) -> Any:
    return Suggestion.objects.filter(image__project=run.project_id, model_number=run.number)


def _doubts(run: Run) -> Any:
    return Doubt.objects.filter(image__project=run.project_id, model_number=run.number)


def _delete_files(names: list[str], folders: list[str]) -> None:
    for name in filter(None, names):
        default_storage.delete(name)
    for folder in folders:
        delete_folder(default_storage, folder)


def _size(name: str) -> int:
    try:
        return int(default_storage.size(name))
    except FileNotFoundError:
        return 0


def _disk_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
