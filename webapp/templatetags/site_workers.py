"""How many workers there are, for pages that estimate how long something takes."""

from django import template

from webapp.workers import living_workers

register = template.Library()


@register.simple_tag
def workers_of(queue: str) -> int:
    """Count the living workers of a queue."""
    return sum(queue in worker.queues for worker in living_workers())
