"""What labelling tells those above it, which it does not know."""

from django.dispatch import Signal

images_came = Signal()
"""An import brought images into a project and has ended, however it did. Sent with `project`."""
