"""The audit trail: one row for each act in a project that somebody may want to know the author of.

Annotations are not in it: they are their own trail.
"""

from typing import Any

from django.db import models

from labeling.models import AuditEntry, Project


class Action(models.TextChoices):
    """What was done, in words that fit behind the person's name."""

    SETTINGS_CHANGED = "settings_changed", "changed the settings"
    GOLD_SET = "gold_set", "chose gold images"
    IMAGES_DELETED = "images_deleted", "deleted images"
    IMPORT_STARTED = "import_started", "imported files"
    IMPORT_STOPPED = "import_stopped", "stopped an import"
    EXPORT_MADE = "export_made", "exported images and labels"
    EXPORT_STOPPED = "export_stopped", "stopped an export"
    EXPORT_RESTARTED = "export_restarted", "started an export again"
    EXPORT_DELETED = "export_deleted", "deleted an export"
    PREPARATION_CHANGED = "preparation_changed", "changed the preparation"
    PERSON_INVITED = "person_invited", "invited somebody"
    INVITATION_REVOKED = "invitation_revoked", "took back an invitation"
    PERSON_JOINED = "person_joined", "joined"
    ROLE_CHANGED = "role_changed", "changed a role"
    PERSON_REMOVED = "person_removed", "removed somebody"
    TOKEN_MADE = "token_made", "made an API token"
    TOKEN_REVOKED = "token_revoked", "revoked an API token"
    LEASES_RETURNED = "leases_returned", "gave somebody's images back to the queue"
    DISPUTE_SETTLED = "dispute_settled", "settled a dispute"
    DOUBT_SETTLED = "doubt_settled", "settled a suspected label error"
    SETTLEMENT_UNDONE = "settlement_undone", "undid a settlement"
    DATASET_FROZEN = "dataset_frozen", "froze a dataset version"
    RUN_STARTED = "run_started", "started a run"
    RUN_STARTED_WITHOUT_LABELS = "run_without_labels", "started a run without labels"
    RUN_STOPPED = "run_stopped", "stopped a run"
    RUN_RESUMED = "run_resumed", "resumed a run"
    RUN_RETRIED = "run_retried", "tried a run again"
    RUN_DELETED = "run_deleted", "deleted a run"
    CURVE_STARTED = "curve_started", "asked for a learning curve"
    CURVE_STOPPED = "curve_stopped", "stopped a learning curve"
    STRENGTH_STARTED = "strength_started", "asked for a strength report"
    STRENGTH_STOPPED = "strength_stopped", "stopped a strength report"
    STRENGTH_DELETED = "strength_deleted", "deleted a strength report"
    SEARCH_STARTED = "search_started", "started a search"
    SEARCH_STOPPED = "search_stopped", "stopped a search"
    SEARCH_DELETED = "search_deleted", "deleted a search with its trials"
    LABELS_VALIDATED = "labels_validated", "cross-validated the labels"
    MODEL_PROMOTED = "model_promoted", "chose the model that reads"
    MODEL_ROLLED_BACK = "model_rolled_back", "went back to the former model"
    MODEL_ARCHIVED = "model_archived", "archived a model"
    MODEL_UNARCHIVED = "model_unarchived", "took a model out of the archive"
    MODEL_DOWNLOADED = "model_downloaded", "downloaded a model"
    MODEL_READ_IMAGES = "model_read_images", "had a model's test images read"
    BATCH_STARTED = "batch_started", "had a batch of images read"
    BATCH_STOPPED = "batch_stopped", "cancelled a batch of images"
    BATCH_DELETED = "batch_deleted", "deleted a batch of readings"
    WEBHOOK_CHANGED = "webhook_changed", "changed where ended batches are announced"
    WEBHOOK_REMOVED = "webhook_removed", "ended the announcements of batches"
    PROMOTION_RULE_CHANGED = "promotion_rule_changed", "changed when models are promoted by themselves"
    FONT_UPLOADED = "font_uploaded", "uploaded a font"
    FONT_DELETED = "font_deleted", "deleted a font"
    SUGGESTIONS_STARTED = "suggestions_started", "refreshed the suggestions"
    SUGGESTIONS_FORGOTTEN = "suggestions_forgotten", "deleted all suggestions"
    STARTER_SWITCHED = "starter_switched", "switched the suggestions of the starter"
    LOOP_SWITCHED = "loop_switched", "switched the automatic loop"


def record(
    *, project: Project, user: Any, action: Action, target: str = "", detail: dict[str, Any] | None = None
) -> None:
    """Write down who did what. Call it in the transaction of the act itself: both happen or neither does.

    Args:
        user: who did it; None where the system did by itself.
        target: what was acted on, in words for people.
        detail: what else is worth knowing, such as old and new values. No secrets.
    """
    AuditEntry.objects.create(
        project=project, user=user, action=action.value, target=target[:300], detail=detail or {}
    )


def action_title(entry: AuditEntry) -> str:
    """Return what was done in words; entries of a later version keep their own."""
    return dict(Action.choices).get(entry.action, entry.action.replace("_", " "))
