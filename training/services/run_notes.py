"""What one should know about a run although it went well, such as a server that did not hear of it."""

from training.models import Run


def add_note(run: Run, sentence: str) -> None:
    """Add a sentence to a run's notes, once."""
    notes = Run.objects.filter(pk=run.pk).values_list("notes", flat=True).first()
    if notes is not None and sentence not in notes.splitlines():
        Run.objects.filter(pk=run.pk).update(notes="\n".join(filter(None, [notes, sentence])))
