from typing import Any

from django.core.management.base import BaseCommand

from webapp.first_start import first_start


class Command(BaseCommand):
    help = "Make the first administrator and the demo project, where there are none yet."

    def handle(self, *args: Any, **options: Any) -> None:
        first_start(self.stdout.write)
