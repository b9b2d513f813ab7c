"""What the templates of strength reports ask for."""

from django import template

from training.recognition.labels_needed import LabelsNeeded
from training.strength_details import StrengthDetails
from training.strength_words import cpu_words, evidence_words, labels_words

register = template.Library()


@register.simple_tag
def needs_of(details: StrengthDetails) -> list[tuple[LabelsNeeded, str, str, str]]:
    """Each target, how many labels and how much training it takes, and how sure that is."""
    at_hand = details.best.labels
    return [
        (need, labels_words(need, at_hand), cpu_words(need), evidence_words(need, at_hand))
        for need in details.needs
    ]
