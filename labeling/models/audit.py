"""The audit trail: who did what in a project."""

from django.conf import settings
from django.db import models

from labeling.models.projects import Project


class AuditEntry(models.Model):
    """One act of a person. Rows are only ever added."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="audit_entries")
    # None: the system itself, as the automatic loop does.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="audit_entries"
    )
    # A word of `labeling.services.audit.Action`.
    action = models.CharField(max_length=40)
    # What was acted on, in words for people; it may be gone since.
    target = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
