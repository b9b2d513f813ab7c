"""People who sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person. Staff users administer the site; what one may do in a project is a `labeling.Member` row."""

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    @property
    def label(self) -> str:
        """Return the name that pages show."""
        return self.get_full_name() or self.username
