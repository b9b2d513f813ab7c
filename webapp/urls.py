"""Addresses of the site."""

from django.urls import include, path, re_path

from webapp import api, health, views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("status/now/", views.dashboard_now, name="dashboard_now"),
    path("status/projects/", views.dashboard_projects, name="dashboard_projects"),
    path("status/banner/", views.status_banner, name="status_banner"),
    path("health", health.health, name="health"),
    path("api/v1/", api.urls()),
    re_path(r"^api/", api.unknown_address, name="unknown_api_address"),
    path("", include("webapp.accounts.urls")),
    path("", include("labeling.urls")),
    path("", include("training.urls")),
]
