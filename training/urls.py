"""Addresses of what machines do for a project. View functions carry the names of their routes."""

from django.urls import path

from training.views import (
    asked,
    batches,
    comparison,
    fonts,
    models,
    read,
    runs,
    searches,
    strength,
    suggestions,
    watching,
    webhooks,
    without_labels,
)
from training.views.augmentation import augmentation_preview
from training.views.deleting import delete_run, delete_search, delete_strength_report
from training.views.events import run_events

app_name = "training"

urlpatterns = [
    path("projects/<int:project_id>/runs/", runs.runs, name="runs"),
    path("projects/<int:project_id>/runs/new/", runs.new_run, name="new_run"),
    path("projects/<int:project_id>/runs/preview/", augmentation_preview, name="augmentation_preview"),
    path("projects/<int:project_id>/runs/estimate/", runs.run_estimate, name="run_estimate"),
    path("projects/<int:project_id>/runs/compare/", comparison.compare_runs, name="compare_runs"),
    path("projects/<int:project_id>/runs/compare/curves/", comparison.run_curves, name="run_curves"),
    path(
        "projects/<int:project_id>/runs/compare/curves.csv", comparison.run_curves_csv, name="run_curves_csv"
    ),
    path(
        "projects/<int:project_id>/runs/compare/read/",
        comparison.read_for_comparison,
        name="read_for_comparison",
    ),
    path(
        "projects/<int:project_id>/runs/compare/progress/",
        comparison.comparison_progress,
        name="comparison_progress",
    ),
    path("projects/<int:project_id>/runs/<int:number>/", runs.run, name="run"),
    path("projects/<int:project_id>/runs/<int:number>/summary/", runs.run_summary, name="run_summary"),
    path("projects/<int:project_id>/runs/<int:number>/events/", run_events, name="run_events"),
    path("projects/<int:project_id>/runs/<int:number>/history/", watching.run_history, name="run_history"),
    path(
        "projects/<int:project_id>/runs/<int:number>/history.csv",
        watching.run_history_csv,
        name="run_history_csv",
    ),
    path(
        "projects/<int:project_id>/runs/<int:number>/readings/",
        watching.run_readings,
        name="run_readings",
    ),
    path("projects/<int:project_id>/runs/<int:number>/rounds/", watching.run_rounds, name="run_rounds"),
    path("projects/<int:project_id>/runs/<int:number>/confused/", watching.run_confused, name="run_confused"),
    path(
        "projects/<int:project_id>/runs/<int:number>/learning-curve/",
        watching.learning_curve,
        name="learning_curve",
    ),
    path(
        "projects/<int:project_id>/runs/<int:number>/learning-curve/start/",
        watching.start_learning_curve,
        name="start_learning_curve",
    ),
    path(
        "projects/<int:project_id>/runs/<int:number>/learning-curve/stop/",
        watching.stop_learning_curve,
        name="stop_learning_curve",
    ),
    path("projects/<int:project_id>/runs/<int:number>/stop/", runs.stop_run, name="stop_run"),
    path("projects/<int:project_id>/runs/<int:number>/resume/", runs.resume_run, name="resume_run"),
    path("projects/<int:project_id>/runs/<int:number>/retry/", runs.retry_run, name="retry_run"),
    path("projects/<int:project_id>/runs/<int:number>/delete/", delete_run, name="delete_run"),
    path("projects/<int:project_id>/searches/", searches.searches, name="searches"),
    path("projects/<int:project_id>/searches/new/", searches.new_search, name="new_search"),
    path("projects/<int:project_id>/searches/<int:search_number>/", searches.search, name="search"),
    path(
        "projects/<int:project_id>/searches/<int:search_number>/progress/",
        searches.search_progress,
        name="search_progress",
    ),
    path(
        "projects/<int:project_id>/searches/<int:search_number>/stop/",
        searches.stop_search,
        name="stop_search",
    ),
    path(
        "projects/<int:project_id>/searches/<int:search_number>/best/", searches.train_best, name="train_best"
    ),
    path(
        "projects/<int:project_id>/searches/<int:search_number>/delete/", delete_search, name="delete_search"
    ),
    path("projects/<int:project_id>/without-labels/", without_labels.without_labels, name="without_labels"),
    path(
        "projects/<int:project_id>/without-labels/start/",
        without_labels.start_label_free,
        name="start_label_free",
    ),
    path(
        "projects/<int:project_id>/without-labels/estimate/",
        without_labels.label_free_estimate,
        name="label_free_estimate",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/",
        without_labels.label_free,
        name="label_free",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/pictures/<str:name>/<int:index>/",
        without_labels.label_free_picture,
        name="label_free_picture",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/style/",
        without_labels.adjust_style,
        name="adjust_style",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/style/preview/",
        without_labels.style_preview,
        name="style_preview",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/transcribe/",
        asked.transcribe,
        name="transcribe",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/transcribe/batch/",
        asked.asked_batch,
        name="asked_batch",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/transcribe/annotate/",
        asked.asked_annotate,
        name="asked_annotate",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/transcribe/skip/",
        asked.asked_skip,
        name="asked_skip",
    ),
    path(
        "projects/<int:project_id>/without-labels/<int:label_free_number>/transcribe/undo/",
        asked.asked_undo,
        name="asked_undo",
    ),
    path("projects/<int:project_id>/strength/", strength.strength_reports, name="strength_reports"),
    path(
        "projects/<int:project_id>/strength/start/",
        strength.start_strength_report,
        name="start_strength_report",
    ),
    path(
        "projects/<int:project_id>/strength/<int:report_number>/",
        strength.strength_report,
        name="strength_report",
    ),
    path(
        "projects/<int:project_id>/strength/<int:report_number>/progress/",
        strength.strength_progress,
        name="strength_progress",
    ),
    path(
        "projects/<int:project_id>/strength/<int:report_number>/stop/",
        strength.stop_strength_report,
        name="stop_strength_report",
    ),
    path(
        "projects/<int:project_id>/strength/<int:report_number>/resume/",
        strength.resume_strength_report,
        name="resume_strength_report",
    ),
    path(
        "projects/<int:project_id>/strength/<int:report_number>/delete/",
        delete_strength_report,
        name="delete_strength_report",
    ),
    path(
        "projects/<int:project_id>/strength/<int:report_number>/<str:extension>/",
        strength.strength_file,
        name="strength_file",
    ),
    path("projects/<int:project_id>/fonts/", fonts.fonts, name="fonts"),
    path("projects/<int:project_id>/fonts/picture/", fonts.font_picture, name="font_picture"),
    path("projects/<int:project_id>/fonts/<int:font_id>/delete/", fonts.delete_font, name="delete_font"),
    path("projects/<int:project_id>/models/", models.models, name="models"),
    path("projects/<int:project_id>/models/rule/", models.promotion_rule, name="promotion_rule"),
    path("projects/<int:project_id>/models/roll-back/", models.roll_back_model, name="roll_back_model"),
    path("projects/<int:project_id>/models/<int:model_id>/", models.model, name="model"),
    path(
        "projects/<int:project_id>/models/<int:model_id>/archive/", models.archive_model, name="archive_model"
    ),
    path(
        "projects/<int:project_id>/models/<int:model_id>/unarchive/",
        models.unarchive_model,
        name="unarchive_model",
    ),
    path(
        "projects/<int:project_id>/models/<int:model_id>/promote/", models.promote_model, name="promote_model"
    ),
    path(
        "projects/<int:project_id>/models/<int:model_id>/<str:kind>/",
        models.download_model,
        name="download_model",
    ),
    path("projects/<int:project_id>/suggestions/", suggestions.suggestions, name="suggestions"),
    path("projects/<int:project_id>/suggestions/start/", suggestions.suggest, name="suggest"),
    path("projects/<int:project_id>/settings/starter/", suggestions.starter_switch, name="starter_switch"),
    path("projects/<int:project_id>/settings/loop/", suggestions.automatic_loop, name="automatic_loop"),
    path("projects/<int:project_id>/read/", read.read, name="read"),
    path("projects/<int:project_id>/read/upload/", read.read_upload, name="read_upload"),
    path("projects/<int:project_id>/read/download/<str:format>/", read.readings_file, name="readings_file"),
    path("projects/<int:project_id>/read/webhook/", webhooks.webhook, name="webhook"),
    path("projects/<int:project_id>/read/webhook/remove/", webhooks.remove_webhook, name="remove_webhook"),
    path("projects/<int:project_id>/batches/", batches.batches, name="batches"),
    path("projects/<int:project_id>/batches/create/", batches.batch_create, name="batch_create"),
    path("projects/<int:project_id>/batches/<int:batch_id>/", batches.batch, name="batch"),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/upload/", batches.batch_upload, name="batch_upload"
    ),
    path("projects/<int:project_id>/batches/<int:batch_id>/start/", batches.batch_start, name="batch_start"),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/resume/", batches.batch_resume, name="batch_resume"
    ),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/cancel/", batches.batch_cancel, name="batch_cancel"
    ),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/delete/", batches.batch_delete, name="batch_delete"
    ),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/progress/",
        batches.batch_progress,
        name="batch_progress",
    ),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/readings/",
        batches.batch_readings,
        name="batch_readings",
    ),
    path(
        "projects/<int:project_id>/batches/<int:batch_id>/download/<str:format>/",
        batches.batch_download,
        name="batch_download",
    ),
    path(
        "projects/<int:project_id>/read/<int:prediction_id>/file/",
        read.prediction_file,
        name="prediction_file",
    ),
    path(
        "projects/<int:project_id>/read/<int:prediction_id>/correct/",
        read.correct_prediction,
        name="correct_prediction",
    ),
]
