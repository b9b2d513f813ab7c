import logging
import signal
from socket import gethostname
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from training.services.reading import QUEUE
from training.services.reading_worker import ReadingWorker
from training.services.warm_readers import warm
from webapp.workers import living

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Read the images that wait for it, until it is told to stop. Any number of these share the work."
    # The checks load every page; the web server makes them anyway.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--name",
            default="predict@%h",
            help="what the dashboard calls it, with %%h for the host's name; no two may have the same",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = ReadingWorker(options["name"].replace("%h", gethostname()), warm())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        logger.info(
            "%s reads with %s of ONNX Runtime's threads, %s images at once at most",
            worker.name, settings.READING_THREADS, settings.READING_BATCH,
        )  # fmt: skip
        with living(worker.name, QUEUE):
            worker.run()
