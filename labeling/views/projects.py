"""Pages about a project as a whole: making it, its overview, its settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from labeling.forms import ALPHABET_PRESETS, ProjectForm, ProjectSettingsForm, QueueForm
from labeling.services.projects import create_project, update_project
from labeling.services.projects import delete_project as delete_project_with_files


@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    """Make a project and go on to its first import."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            project = create_project(
                user=request.user,
                name=data["name"],
                alphabet=data["alphabet"],
                min_length=data["min_length"],
                max_length=data["max_length"],
                case_sensitive=data["case_sensitive"],
                description=data["description"],
            )
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"“{project.name}” is ready for its first images.")
            return redirect("labeling:new_import", project.pk)
    return render(request, "labeling/new_project.html", {"form": form, "presets": ALPHABET_PRESETS})


@require_GET
def project(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show where a project stands."""
    project = get_project(request.user, project_id)
    return render(
        request,
        "labeling/project.html",
        {
            "project": project,
            "newest_images": project.images.order_by("-id")[:12],
            "newest_imports": project.imports.all()[:3],
        },
    )


@require_http_methods(["GET", "POST"])
def project_settings(request: HttpRequest, project_id: int) -> HttpResponse:
    """Rename, describe or delete a project."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    if request.method == "POST":
        form = ProjectSettingsForm(request.POST)
        if form.is_valid():
            try:
                update_project(project=project, user=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error("name", str(refusal))
            else:
                messages.success(request, "Saved.")
                return redirect("labeling:project_settings", project.pk)
    else:
        form = ProjectSettingsForm.of(project)
    context = {"project": project, "form": form, "queue_form": QueueForm.of(project)}
    return render(request, "labeling/settings.html", context)


@require_POST
def delete_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """Delete a project whose name was typed to confirm it."""
    project = get_project(request.user, project_id, Act.DELETE_PROJECT)
    if request.POST.get("name", "").strip() != project.name:
        messages.error(request, f"Nothing was deleted: type “{project.name}” exactly to confirm.")
        return redirect("labeling:project_settings", project.pk)
    delete_project_with_files(project=project)
    messages.success(request, f"“{project.name}” and everything in it is deleted.")
    return redirect("dashboard")
