"""The ASGI entry point of the site."""

import gc
import multiprocessing
import os
import warnings
from importlib import import_module
from threading import Thread

import django
from django.conf import settings

from webapp.body_limits import BodyLimits
from webapp.handler import LastingThreadsHandler
from webapp.orphans import die_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# WhiteNoise streams static files from a synchronous iterator, which Django reads in a thread: as it should be.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
if (starter := multiprocessing.parent_process()) is not None and starter.pid is not None:
    # One of several web processes (WEB_CONCURRENCY) ends with the one that started it, however that ends.
    die_with(starter.pid)
django.setup(set_prefix=False)
application = BodyLimits(LastingThreadsHandler())
import_module(settings.ROOT_URLCONF)
# What is loaded by now stays: the garbage collector need not look at it again and again.
gc.collect()
gc.freeze()
# The figures of how people agree come from a library that takes a second to import: no page should wait for it.
Thread(target=import_module, args=["sklearn.metrics"], daemon=True).start()
