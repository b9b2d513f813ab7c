"""Readers that are loaded already. The models in production of projects that read lately are, before anybody asks."""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db.models import F, Max
from django.utils import timezone

from training.models import Model, ModelState
from training.recognition.reader import Reader, UnusableModel
from training.services.models import open_reader

logger = logging.getLogger(__name__)

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class WarmReader:
    """A reader, and the model that it is of: its threshold tells which readings are sure."""

    reader: Reader
    model: Model


class WarmReaders:
    """The readers of this process, at most `most`; the longest unused one makes room. Threads may share it."""

    def __init__(self, most: int, threads: int | None = None) -> None:
        self._most, self._threads = most, threads
        self._warm: OrderedDict[int, WarmReader] = OrderedDict()
        self._lock = threading.Lock()
        self._loading: dict[int, threading.Lock] = {}

    def get(self, model_pk: int) -> WarmReader:
        """Return a model's reader, loaded if it is not yet.

        Raises:
            Model.DoesNotExist, OSError, UnusableModel: it cannot be loaded.
        """
        with self._lock:
            if model_pk in self._warm:
                self._warm.move_to_end(model_pk)
                return self._warm[model_pk]
            loading = self._loading.setdefault(model_pk, threading.Lock())
        with loading:
            if model_pk not in self._warm:
                model = Model.objects.get(pk=model_pk)
                self._keep(model_pk, WarmReader(open_reader(model, threads=self._threads), model))
            return self._warm[model_pk]

    def refresh(self) -> None:
        """Load models that went into production since, while those before them go on reading.

        One that cannot be loaded is logged; whoever asks for it is told.
        """
        for pk in wanted_models(self._most):
            if pk not in self._warm:
                try:
                    self.get(pk)
                except (Model.DoesNotExist, OSError, UnusableModel) as error:
                    logger.warning("model %s cannot be loaded: %s", pk, error)

    def __contains__(self, model_pk: int) -> bool:
        return model_pk in self._warm

    def _keep(self, model_pk: int, warm_reader: WarmReader) -> None:
        with self._lock:
            self._loading.pop(model_pk, None)
            # A new dictionary would do as well; this one keeps the order in which readers were used.
            self._warm[model_pk] = warm_reader
            while len(self._warm) > self._most:
                self._warm.popitem(last=False)


def wanted_models(most: int) -> list[int]:
    """The models in production that were chosen, or whose projects read, within the last week; at most `most`."""
    since = timezone.now() - LATELY
    in_production = Model.objects.filter(state=ModelState.PRODUCTION)
    chosen = in_production.filter(promoted_at__gt=since).order_by("-promoted_at")
    asked = (
        in_production.annotate(last_read=Max("project__models__reading_days__day"))
        .filter(last_read__gte=since.date())
        .order_by(F("last_read").desc(), "-promoted_at")
    )
    found = [*asked.values_list("pk", flat=True)[:most], *chosen.values_list("pk", flat=True)[:most]]
    return list(dict.fromkeys(found))[:most]


@cache
def warm() -> WarmReaders:
    """The readers of this process."""
    return WarmReaders(settings.READING_WARM_MODELS, settings.READING_THREADS)
