"""Rows that belong to the site itself rather than to a project."""

from django.db import models


class FirstStartStep(models.Model):
    """A set-up step that happens once in the life of a database, such as making the demo project."""

    name = models.CharField(max_length=50, unique=True)
    done_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
