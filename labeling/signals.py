"""What labelling tells those above it, which it does not know."""

from django.dispatch import Signal

images_came = Signal()
"""An import brought images into a project and has ended, however it did. Sent with `project`."""

images_go = Signal()
"""Images are about to be deleted, in this very transaction. Sent with `project` and the `ids` of the images."""
