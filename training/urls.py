"""Addresses of what machines do for a project. View functions carry the names of their routes."""

from django.urls import path

from training.views import models, read, runs, searches, suggestions
from training.views.augmentation import augmentation_preview
from training.views.events import run_events

app_name = "training"

urlpatterns = [
    path("projects/<int:project_id>/runs/", runs.runs, name="runs"),
    path("projects/<int:project_id>/runs/new/", runs.new_run, name="new_run"),
    path("projects/<int:project_id>/runs/preview/", augmentation_preview, name="augmentation_preview"),
    path("projects/<int:project_id>/runs/<int:number>/", runs.run, name="run"),
    path("projects/<int:project_id>/runs/<int:number>/summary/", runs.run_summary, name="run_summary"),
    path("projects/<int:project_id>/runs/<int:number>/events/", run_events, name="run_events"),
    path("projects/<int:project_id>/runs/<int:number>/stop/", runs.stop_run, name="stop_run"),
    path("projects/<int:project_id>/runs/<int:number>/resume/", runs.resume_run, name="resume_run"),
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
    path("projects/<int:project_id>/models/", models.models, name="models"),
    path("projects/<int:project_id>/models/<int:model_id>/", models.model, name="model"),
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
    path("projects/<int:project_id>/settings/loop/", suggestions.automatic_loop, name="automatic_loop"),
    path("projects/<int:project_id>/read/", read.read, name="read"),
    path("projects/<int:project_id>/read/upload/", read.read_upload, name="read_upload"),
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
