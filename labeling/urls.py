"""Addresses of what people do in a project. View functions carry the names of their routes."""

from django.urls import path

from labeling.views import (
    deleting,
    exports,
    images,
    imports,
    labelling,
    people,
    preparation,
    projects,
    queue_settings,
    renderings,
    review,
    sheet,
)

app_name = "labeling"

urlpatterns = [
    path("projects/new/", projects.new_project, name="new_project"),
    path("projects/<int:project_id>/", projects.project, name="project"),
    path(
        "projects/<int:project_id>/settings/",
        projects.project_settings,
        name="project_settings",
    ),
    path(
        "projects/<int:project_id>/settings/delete/",
        projects.delete_project,
        name="delete_project",
    ),
    path("projects/<int:project_id>/settings/queue/", queue_settings.queue_settings, name="queue_settings"),
    path(
        "projects/<int:project_id>/settings/settling/",
        queue_settings.settling_progress,
        name="settling_progress",
    ),
    path("projects/<int:project_id>/images/", images.images, name="images"),
    path("projects/<int:project_id>/images/delete/", deleting.delete_images, name="delete_images"),
    path("projects/<int:project_id>/images/<int:image_id>/", images.image, name="image"),
    path("projects/<int:project_id>/images/<int:image_id>/gold/", images.image_gold, name="image_gold"),
    path(
        "projects/<int:project_id>/images/<int:image_id>/file/",
        images.image_file,
        name="image_file",
    ),
    path(
        "projects/<int:project_id>/images/<int:image_id>/thumbnail/",
        renderings.thumbnail,
        name="thumbnail",
    ),
    path(
        "projects/<int:project_id>/images/<int:image_id>/slices/<int:position>/",
        renderings.slice_image,
        name="slice_image",
    ),
    path("projects/<int:project_id>/import/", imports.new_import, name="new_import"),
    path("projects/<int:project_id>/imports/check/", imports.import_check, name="import_check"),
    path(
        "projects/<int:project_id>/imports/create/",
        imports.import_create,
        name="import_create",
    ),
    path(
        "projects/<int:project_id>/imports/<int:import_id>/",
        imports.import_,
        name="import",
    ),
    path(
        "projects/<int:project_id>/imports/<int:import_id>/upload/",
        imports.import_upload,
        name="import_upload",
    ),
    path(
        "projects/<int:project_id>/imports/<int:import_id>/start/",
        imports.import_start,
        name="import_start",
    ),
    path(
        "projects/<int:project_id>/imports/<int:import_id>/stop/",
        imports.import_stop,
        name="import_stop",
    ),
    path(
        "projects/<int:project_id>/imports/<int:import_id>/progress/",
        imports.import_progress,
        name="import_progress",
    ),
    path("projects/<int:project_id>/exports/", exports.exports, name="exports"),
    path("projects/<int:project_id>/exports/<int:export_id>/", exports.export, name="export"),
    path("projects/<int:project_id>/exports/<int:export_id>/file/", exports.export_file, name="export_file"),
    path(
        "projects/<int:project_id>/exports/<int:export_id>/progress/",
        exports.export_progress,
        name="export_progress",
    ),
    path("projects/<int:project_id>/exports/<int:export_id>/stop/", exports.export_stop, name="export_stop"),
    path(
        "projects/<int:project_id>/exports/<int:export_id>/restart/",
        exports.export_restart,
        name="export_restart",
    ),
    path(
        "projects/<int:project_id>/exports/<int:export_id>/delete/",
        exports.export_delete,
        name="export_delete",
    ),
    path(
        "projects/<int:project_id>/preparation/",
        preparation.preparation,
        name="preparation",
    ),
    path(
        "projects/<int:project_id>/preparation/preview/",
        preparation.preparation_preview,
        name="preparation_preview",
    ),
    path(
        "projects/<int:project_id>/preparation/progress/",
        preparation.preparation_progress,
        name="preparation_progress",
    ),
    path(
        "projects/<int:project_id>/preparation/suggestion/",
        preparation.preparation_suggestion,
        name="preparation_suggestion",
    ),
    path(
        "projects/<int:project_id>/preparation/pattern/",
        preparation.preparation_pattern,
        name="preparation_pattern",
    ),
    path("projects/<int:project_id>/label/", labelling.label, name="label"),
    path(
        "projects/<int:project_id>/label/batch/",
        labelling.label_batch,
        name="label_batch",
    ),
    path("projects/<int:project_id>/label/annotate/", labelling.annotate, name="annotate"),
    path("projects/<int:project_id>/label/skip/", labelling.skip, name="skip"),
    path("projects/<int:project_id>/label/undo/", labelling.undo, name="undo"),
    path("projects/<int:project_id>/sheet/", sheet.sheet, name="sheet"),
    path("projects/<int:project_id>/sheet/cells/", sheet.sheet_cells, name="sheet_cells"),
    path("projects/<int:project_id>/sheet/confirm/", sheet.sheet_confirm, name="sheet_confirm"),
    path("projects/<int:project_id>/sheet/undo/", sheet.sheet_undo, name="sheet_undo"),
    path("projects/<int:project_id>/review/", review.review, name="review"),
    path("projects/<int:project_id>/review/batch/", review.review_batch, name="review_batch"),
    path("projects/<int:project_id>/review/settle/", review.review_settle, name="review_settle"),
    path("projects/<int:project_id>/review/undo/", review.review_undo, name="review_undo"),
    path("projects/<int:project_id>/agreement/", review.agreement, name="agreement"),
    path("projects/<int:project_id>/people/", people.people, name="people"),
    path("projects/<int:project_id>/people/invite/", people.invite, name="invite"),
    path(
        "projects/<int:project_id>/people/invitations/<int:invitation_id>/revoke/",
        people.revoke_invitation,
        name="revoke_invitation",
    ),
    path("projects/<int:project_id>/people/<int:user_id>/", people.person, name="person"),
    path("projects/<int:project_id>/people/<int:user_id>/role/", people.change_role, name="change_role"),
    path(
        "projects/<int:project_id>/people/<int:user_id>/remove/", people.remove_person, name="remove_person"
    ),
    path(
        "projects/<int:project_id>/people/<int:user_id>/leases/return/",
        people.return_leases,
        name="return_leases",
    ),
    path("projects/<int:project_id>/audit/", people.audit, name="audit"),
]
