"""Settings. Everything a deployment changes comes from the environment; `docs/operations.md` lists it.

Without any variable set, the site keeps everything (SQLite, files, its own Redis) under one data folder.
"""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from webapp.embedded import embedded_redis_url, stored_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "data")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


DEBUG = _flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY") or stored_secret_key(DATA_DIR)
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "webapp.accounts",
    "webapp",
    "training",
    "labeling",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "ninja",
]

MIDDLEWARE = [
    "webapp.api_problems.ProblemsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.api_gate.GateMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        # For the API's documentation page only: our own templates are all under templates/.
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["webapp.templatetags.components"],
        },
    }
]

# --- Data ---------------------------------------------------------------------------------------------------------

DATABASES = {
    # Connections last as `webapp.handler`'s threads do. The checks let no request fail after the server's restart.
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'workbench.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Web server and workers write to one file: WAL lets them read meanwhile, IMMEDIATE makes a writer wait
        # for its turn at BEGIN instead of failing half-way.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
    }
    # In a file as well: threads of one test would lock each other out of a database in memory.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = DATA_DIR / "media"
if os.environ.get("S3_BUCKET"):
    _media_storage = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["S3_BUCKET"],
            "endpoint_url": os.environ.get("S3_ENDPOINT_URL"),
            "region_name": os.environ.get("S3_REGION"),
            "default_acl": None,
            "file_overwrite": True,
        },
    }
else:
    _media_storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "allow_overwrite": True},
    }
STORAGES = {
    "default": _media_storage,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

REDIS_URL = os.environ.get("REDIS_URL") or embedded_redis_url(DATA_DIR)

# --- Workers ------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = (
    REDIS_URL if REDIS_URL.startswith("redis") else f"redis+socket://{REDIS_URL.removeprefix('unix://')}"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "prepare"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A web request must say within a second that Redis is away rather than hang on it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# A tracking server that hears of every run, too; needs requirements-mlflow.txt. Empty: none does.
MLFLOW_TRACKING_URI = os.environ.get("MLFLOW_TRACKING_URI", "")

# --- People -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
_secure = _flag("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None

# --- Pages --------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
_npm = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "webapp" / "static",
    ("vendor/htmx", _npm / "htmx.org" / "dist"),
    ("vendor/stimulus", _npm / "@hotwired" / "stimulus" / "dist"),
    ("vendor/uplot", _npm / "uplot" / "dist"),
    ("vendor/inter", _npm / "@fontsource-variable" / "inter"),
]
# Served straight from the folders above: no collectstatic step between a change and the page.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Uploads ------------------------------------------------------------------------------------------------------

# The upload controller sends files in small batches; these bound one request.
DATA_UPLOAD_MAX_NUMBER_FILES = 500
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 2**20
IMPORT_MAX_UPLOAD_BYTES = 2 * 2**30
IMPORT_MAX_FILES = 200_000
# Of one request: imports and batches may be as large as an import, others so large.
API_MAX_REQUEST_BYTES = int(os.environ.get("API_MAX_REQUEST_BYTES", 64 * 2**20))
PAGE_MAX_REQUEST_BYTES = 512 * 2**20

# --- API ----------------------------------------------------------------------------------------------------------

# How often it may be asked; high enough for a reader at work, low enough for a script that runs wild. "off": no limit.
API_RATE_PER_TOKEN = os.environ.get("API_RATE_PER_TOKEN", "1000/second")
API_RATE_PER_PERSON = os.environ.get("API_RATE_PER_PERSON", "2000/second")
# By address, without a valid token or session: enough to be told what is wrong, too little to guess.
API_RATE_PER_STRANGER = os.environ.get("API_RATE_PER_STRANGER", "120/minute")

# --- Reading ------------------------------------------------------------------------------------------------------

# Where projects may have their ended batches announced: `host`, `host:port`, or `http://host:port` without TLS.
WEBHOOK_HOSTS = _list("WEBHOOK_HOSTS")
# After so many days a batch goes with its pictures. 0: it stays until somebody deletes it.
BATCH_DAYS = int(os.environ.get("BATCH_DAYS", "0"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        # A line per message received and done drowns the log; jobs say themselves when they start and end.
        "celery.worker.strategy": {"level": "WARNING"},
        # Nor is it news that a message which was sent again came too late.
        "celery.worker.request": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # `make up` says itself when all is ready; the address to open should stay the log's last line.
        "celery.apps.worker": {"level": "WARNING"},
        "celery.worker.consumer.connection": {"level": "WARNING"},
        "django.request": {"level": "WARNING"},
    },
}
