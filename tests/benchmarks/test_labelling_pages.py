"""Whether the measurement of pages looks at all of them."""

from types import SimpleNamespace
from urllib.parse import urlsplit

from django.urls import resolve

from benchmarks.labelling.pages import addresses
from labeling.urls import urlpatterns as of_people
from training.urls import urlpatterns as of_machines

# What only takes something, streams, reads an uploaded file, gives a stored file as it is, or is part of another page.
NO_PAGES = {
    "delete_project", "queue_settings", "image_gold", "import_check", "import_create", "import_upload",
    "import_start", "import_stop", "export_file", "export_stop", "export_restart", "export_delete",
    "preparation_preview", "preparation_pattern", "annotate", "skip", "undo", "sheet_confirm", "sheet_undo",
    "review_settle", "review_undo", "invite", "revoke_invitation", "change_role", "return_leases", "new_run",
    "augmentation_preview", "run_events", "stop_run", "resume_run", "promote_model", "download_model",
    "new_search", "stop_search", "train_best", "run_estimate", "retry_run", "read_for_comparison",
    "promotion_rule", "roll_back_model", "archive_model", "unarchive_model",
    "suggest", "start_learning_curve", "stop_learning_curve", "automatic_loop", "read_upload",
    "readings_file", "prediction_file", "correct_prediction",
    "batch_create", "batch_upload", "batch_start", "batch_resume", "batch_cancel", "batch_delete", "batch_download",
    "webhook", "remove_webhook", "start_strength_report", "stop_strength_report", "resume_strength_report",
    "start_label_free", "label_free_estimate", "label_free_picture", "style_preview", "asked_annotate", "asked_skip",
    "asked_undo", "font_picture", "delete_font", "starter_switch", "label_free",
}  # fmt: skip


def test_every_page_of_a_project_is_measured() -> None:
    row = SimpleNamespace(pk=7, name="7.png", total=1000)
    busy = SimpleNamespace(
        project=row, owner=row, annotator=row, middle=row, last=SimpleNamespace(pk=9000, name="9000.png"),
        image_import=row, export=row, model=row, batch=row,
        label_free=SimpleNamespace(number=2), first_entry=1,
    )  # fmt: skip
    measured = {resolve(urlsplit(address).path).url_name for _, address in addresses(busy)}
    everything = {pattern.name for pattern in [*of_people, *of_machines]}
    assert everything - measured == NO_PAGES
