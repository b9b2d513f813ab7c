"""What a list of runs shows of each, so that it need not look at every epoch of every run."""

from django.db import models

from training.models.runs import Run


class RunSummary(models.Model):
    """A run's figures in columns that can be sorted and filtered; `training.services.run_summaries` writes it."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="summary")
    # [[epoch, validation whole-string accuracy 0..1], ...], spread over the run.
    points = models.JSONField(default=list)
    # Shares of images or characters, 0..1; None: not measured (yet).
    best = models.FloatField(null=True)
    test_accuracy = models.FloatField(null=True)
    test_count = models.PositiveIntegerField(default=0)
    test_character_accuracy = models.FloatField(null=True)
    # Of the test images, how many are read surely enough to be read unattended.
    coverage = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"Summary of {self.run}"
