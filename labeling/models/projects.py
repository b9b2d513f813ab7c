"""Projects and the people in them."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.querysets import ProjectQuerySet

MAX_LENGTH = 32
MAX_ALPHABET = 256
MAX_OVERLAP = 5
MAX_GOLD_SHARE = 0.5


class QueueOrder(models.TextChoices):
    """Which images people get first."""

    LEAST_SURE = "least_sure", "Least sure first"
    RANDOM = "random", "Random"
    OLDEST = "oldest", "Oldest first"


class Project(models.Model):
    """One family of images that share a look, an alphabet and a length (fixed, or min to max)."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    alphabet = models.CharField(max_length=MAX_ALPHABET)
    min_length = models.PositiveSmallIntegerField()
    max_length = models.PositiveSmallIntegerField()
    case_sensitive = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    # So many people read each image, none of them seeing what the others said before all have.
    overlap = models.PositiveSmallIntegerField(default=1)
    queue_order = models.CharField(max_length=10, choices=QueueOrder, default=QueueOrder.LEAST_SURE)
    # Share of images with known text among those handed out, 0..0.5.
    gold_share = models.FloatField(default=0.0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Somebody's id and role, as `labeling.access.get_project` has looked them up for this request.
    visitor: "tuple[int | None, Role | None] | None" = None

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(min_length__gte=1),
                name="project_min_length_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(max_length__gte=models.F("min_length")),
                name="project_length_range_ordered",
            ),
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, overlap__lte=MAX_OVERLAP), name="project_overlap_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(gold_share__gte=0, gold_share__lte=MAX_GOLD_SHARE),
                name="project_gold_share_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("labeling:project", args=[self.pk])

    @property
    def fixed_length(self) -> int | None:
        return self.max_length if self.min_length == self.max_length else None

    @property
    def length_text(self) -> str:
        return str(self.max_length) if self.fixed_length else f"{self.min_length}-{self.max_length}"


class Role(models.TextChoices):
    """What a member may do, from most to least."""

    OWNER = "owner", "Owner"
    REVIEWER = "reviewer", "Reviewer"
    ANNOTATOR = "annotator", "Annotator"
    VIEWER = "viewer", "Viewer"


class Member(models.Model):
    """A user in a project, with a role."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="member_once_per_project")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class ProjectCounts(models.Model):
    """How many images of a project stand where, kept up with every change of a status so that no page counts rows.

    A row of its own: annotators who save at the same moment take turns at it, not at the project.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="counts")
    unlabelled = models.PositiveIntegerField(default=0)
    labelled = models.PositiveIntegerField(default=0)
    disputed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Counts of {self.project_id}"

    @property
    def total(self) -> int:
        return self.unlabelled + self.labelled + self.disputed + self.skipped

    @property
    def done(self) -> int:
        """Images that wait for no reader; a dispute waits for a reviewer."""
        return self.total - self.unlabelled

    @property
    def labelled_share(self) -> float:
        return self.labelled / self.total if self.total else 0.0


class Invitation(models.Model):
    """A link that makes whoever opens it a member. Only a hash of its secret is kept."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.role} in {self.project_id}"
