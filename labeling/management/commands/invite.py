from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.urls import reverse

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from labeling.models import Role
from labeling.services.people import INVITATION_DAYS, invite


class Command(WorkbenchCommand):
    help = "Make a link that lets one person into a project."
    act = Act.MANAGE_PEOPLE

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument("--role", choices=Role.values, default=Role.ANNOTATOR, help="default: annotator")
        parser.add_argument(
            "--days",
            type=int,
            default=INVITATION_DAYS,
            metavar="N",
            help=f"how long the link is good (default: {INVITATION_DAYS})",
        )
        parser.add_argument(
            "--site",
            default="http://localhost:8000",
            metavar="ADDRESS",
            help="where people reach the site (default: http://localhost:8000)",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        if self.user is None:
            raise CommandError("There is no administrator yet who could invite. Run `manage.py up` once.")
        role = Role(options["role"])
        invitation, secret = invite(project=project, user=self.user, role=role, days=options["days"])
        link = options["site"].rstrip("/") + reverse("accounts:invitation", args=[secret])
        if options["json"]:
            expires = invitation.expires_at.isoformat()
            self.print_json({"id": invitation.pk, "role": role, "expires_at": expires, "link": link})
        else:
            self.stdout.write(link)
