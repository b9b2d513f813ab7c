from labeling.models.annotations import Annotation, AnnotationSource
from labeling.models.audit import AuditEntry
from labeling.models.exports import Export
from labeling.models.images import Image, ImageStatus, Split, image_path
from labeling.models.imports import (
    Import,
    ImportFile,
    ImportUpload,
    LabelSource,
    Outcome,
)
from labeling.models.leases import Lease
from labeling.models.preparations import Preparation, Slice
from labeling.models.projects import Invitation, Member, Project, ProjectCounts, QueueOrder, Role
from labeling.models.settling import SettlingPass
from labeling.models.sheets import Sheet, SliceConfirmation
from labeling.models.suggestions import Doubt, Suggestion

__all__ = [
    "Annotation",
    "AnnotationSource",
    "AuditEntry",
    "Doubt",
    "Export",
    "Image",
    "ImageStatus",
    "Import",
    "ImportFile",
    "ImportUpload",
    "Invitation",
    "LabelSource",
    "Lease",
    "Member",
    "Outcome",
    "Preparation",
    "Project",
    "ProjectCounts",
    "QueueOrder",
    "Role",
    "SettlingPass",
    "Sheet",
    "Slice",
    "SliceConfirmation",
    "Split",
    "Suggestion",
    "image_path",
]
