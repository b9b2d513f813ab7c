"""Which model a project reads with: who or what chose it, when and why, and the rule that chooses by itself."""

from django.conf import settings
from django.db import models

from labeling.models import Project
from training.models.models import Model


class PromotionKind(models.TextChoices):
    """What put a model into production."""

    BY_HAND = "by_hand", "By hand"
    BY_RULE = "by_rule", "By the rule"
    ROLLED_BACK = "rolled_back", "Rolled back"
    # Of promotions that an earlier version did not write down.
    UNKNOWN = "unknown", "Not known"


class Promotion(models.Model):
    """One model taking the place of another. Rows are only ever added."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="promotions")
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="promotions")
    # The one that read before; None: there was none, or it is deleted.
    former = models.ForeignKey(Model, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=12, choices=PromotionKind)
    # None: the project's rule.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"])]

    def __str__(self) -> str:
        return f"{self.model} in production"


class Rule(models.TextChoices):
    """When a new model takes the place of the one in production by itself."""

    AS_GOOD = "as_good", "When it reads at least as many validation images right"
    PROVEN = "proven", "When it reads more of them right, and hardly by chance"
    BY_HAND = "by_hand", "Never: people choose"


class PromotionRule(models.Model):
    """A project's rule; without a row, `Rule.AS_GOOD`."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="promotion_rule")
    rule = models.CharField(max_length=10, choices=Rule, default=Rule.AS_GOOD)

    def __str__(self) -> str:
        return self.get_rule_display()
