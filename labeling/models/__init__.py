from labeling.models.annotations import Annotation
from labeling.models.images import Image, ImageStatus, image_path
from labeling.models.imports import (
    Import,
    ImportFile,
    ImportUpload,
    LabelSource,
    Outcome,
)
from labeling.models.preparations import Preparation, Slice
from labeling.models.projects import Member, Project, Role

__all__ = [
    "Annotation",
    "Image",
    "ImageStatus",
    "Import",
    "ImportFile",
    "ImportUpload",
    "LabelSource",
    "Member",
    "Outcome",
    "Preparation",
    "Project",
    "Role",
    "Slice",
    "image_path",
]
