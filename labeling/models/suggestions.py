"""What models propose before, and doubt after, a person looked."""

from django.db import models

from labeling.models.images import Image
from labeling.models.projects import MAX_LENGTH


class Suggestion(models.Model):
    """The text that a project's production model reads in an image. Training's workers fill these rows in."""

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="suggestion")
    text = models.CharField(max_length=MAX_LENGTH)
    confidence = models.FloatField()
    # [{"text", "probability", "left", "right", "alternatives": [...]}, ...] as in predictions; edges are shares of
    # the image's width.
    characters = models.JSONField()
    # The number of the model that read it, 0: the starter model; rows of another one than the present are old.
    model_number = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.text


class Doubt(models.Model):
    """A label that somebody should look at again: a reader that was trained without it is sure of another text."""

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="doubt")
    text = models.CharField(max_length=MAX_LENGTH)
    confidence = models.FloatField()
    # None: a cross-validation's reader, which is no model of the project.
    model_number = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.text} instead"
