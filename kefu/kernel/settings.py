"""Settings, all from the environment. docs/reference/settings.md lists them; a test compares the two."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kefu.kernel.home import BASE_DIR, kefu_home

#: where this installation keeps what is its own: the embedded database, keys, uploaded files, logs
KEFU_HOME = kefu_home()
PACKS_DIR = Path(os.environ.get("KEFU_PACKS", BASE_DIR / "packs"))
#: packs that this installation loads, in order
PACKS = os.environ.get("KEFU_PACKS_ON", "ecommerce").split(",")


def _secret_key() -> str:
    """From the environment, else made once and kept in KEFU_HOME (readable by its owner alone)."""
    if given := os.environ.get("KEFU_SECRET_KEY"):
        return given
    file = KEFU_HOME / "secret.key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass  # another process made it in the same moment
    return file.read_text().strip()


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("KEFU_DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("KEFU_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("KEFU_TRUSTED_ORIGINS", "").split(",") if origin]
#: the address under which people and customers reach the web process, no slash at the end
KEFU_URL = os.environ.get("KEFU_URL", "http://localhost:8000").rstrip("/")
#: the address of the events process (server-sent events); behind a proxy it may be KEFU_URL
KEFU_EVENTS_URL = os.environ.get("KEFU_EVENTS_URL", "http://localhost:8001").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "kefu.kernel",
    "kefu.people",
    "kefu.commerce",
    "kefu.knowledge",
    "kefu.desk",
    "kefu.channels",
    "kefu.assistant",
    "kefu.web",
    "kefu.api",
]

MIDDLEWARE = [
    "kefu.web.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kefu.web.middleware.AgentMiddleware",
    "kefu.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "kefu.urls"
WSGI_APPLICATION = "kefu.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "kefu" / "web" / "templates"],
        "OPTIONS": {"environment": "kefu.web.jinja.environment"},
    },
]


def database_from(url: str) -> dict[str, object]:
    """Django's settings for postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    # not parts.hostname, which is in lower case: a server on this machine is named by the folder of its socket
    named = unquote(parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}"))
    host = unquote(query.pop("host", "")) or (named if named.startswith("/") else parts.hostname or "")
    options: dict[str, object] = {**query}  # e.g. sslmode=require
    if os.environ.get("KEFU_DB_PREPARE", "1") == "1":
        # planned once a connection, not at each turn; off for a pooler in between that cannot keep prepared statements
        options |= {"server_side_binding": True, "prepare_threshold": 3}
    if os.environ.get("KEFU_DB_POOL", "1") == "1":
        options["pool"] = {"min_size": 1, "max_size": int(os.environ.get("KEFU_DB_POOL_SIZE", "12")), "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,  # the pool keeps connections; Django must not
        "OPTIONS": options,
        "TEST": {"NAME": os.environ.get("KEFU_TEST_DB", "kefu_test")},
    }


DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://kefu@127.0.0.1:5432/kefu")
DATABASES = {"default": database_from(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "kefu.web.errors.csrf_failed"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = KEFU_URL.startswith("https://")
#: whether our own proxy stands in front: only then are its X-Forwarded-* headers believed
KEFU_BEHIND_PROXY = os.environ.get("KEFU_BEHIND_PROXY") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if KEFU_BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
#: one message with its files; a larger body is refused before it is read
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "kefu" / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = KEFU_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "kefu" / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = KEFU_HOME / "files"
#: shows /demo-shop/, a page of a make-believe shop with the chat on it
KEFU_DEMO = os.environ.get("KEFU_DEMO") == "1"
#: live streams that one address may hold open at a time on one events process (an office shares an address)
KEFU_STREAMS_PER_ADDRESS = int(os.environ.get("KEFU_STREAMS_PER_ADDRESS", "200"))

#: whether the files of a pack have changed is looked at so often, and not several times in each turn
PACK_FILES_SECONDS = 1.0
#: a worker not heard of for so long is dead, and its jobs are done again by another
STALLED_SECONDS = float(os.environ.get("KEFU_STALLED_SECONDS", "60"))
#: jobs that are done are forgotten after so many hours; failed ones stay until somebody has looked
KEEP_JOBS_HOURS = int(os.environ.get("KEFU_KEEP_JOBS_HOURS", "48"))

PROCRASTINATE_IMPORT_PATHS: list[str] = []  # each room's tasks.py is found by autodiscovery
PROCRASTINATE_ON_APP_READY = "kefu.kernel.jobs.on_app_ready"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KEFU_LOG", "WARNING")},
    "loggers": {"procrastinate": {"level": "WARNING"}, "django.security.DisallowedHost": {"level": "ERROR"}},
}
