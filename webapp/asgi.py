"""The ASGI entry point of the site."""

import os
import warnings
from importlib import import_module
from threading import Thread

import django

from webapp.body_limits import BodyLimits
from webapp.handler import LastingThreadsHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# WhiteNoise streams static files from a synchronous iterator, which Django reads in a thread: as it should be.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
django.setup(set_prefix=False)
application = BodyLimits(LastingThreadsHandler())
# The figures of how people agree come from a library that takes a second to import: no page should wait for it.
Thread(target=import_module, args=["sklearn.metrics"], daemon=True).start()
