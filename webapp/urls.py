"""Addresses of the site."""

from django.urls import include, path, re_path

from webapp import api, health, project_api, views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("status/now/", views.dashboard_now, name="dashboard_now"),
    path("status/projects/", views.dashboard_projects, name="dashboard_projects"),
    path("status/banner/", views.status_banner, name="status_banner"),
    path("health", health.health, name="health"),
    path("api/v1/", api.urls()),
    re_path(r"^api/", api.unknown_address, name="unknown_api_address"),
    path("client/captcha_workbench.py", project_api.client_module, name="client_module"),
    path("projects/<int:project_id>/api/", project_api.project_api, name="project_api"),
    path("projects/<int:project_id>/api/tokens/", project_api.new_project_token, name="new_project_token"),
    path(
        "projects/<int:project_id>/api/tokens/<int:token_id>/revoke/",
        project_api.revoke_project_token,
        name="revoke_project_token",
    ),
    path("", include("webapp.accounts.urls")),
    path("", include("labeling.urls")),
    path("", include("training.urls")),
]
