"""Every setting, read from the environment (and from `.env` beside manage.py).

`.env.example` lists the variables. Secrets may also be given as a file: `SECRET_KEY_FILE=/run/…`.
"""

import logging
from decimal import Decimal
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config.logs import logging_config
from config.mail import mailer

# Lets classes such as ModelForm[User] name their type parameter at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
env.read_env(BASE_DIR / ".env")

# --- The installation ---------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Where the embedded database, uploads and collected static files live.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

# The one base currency of every budget (ISO 4217), and how numbers and dates are written.
CURRENCY = env.str("CURRENCY", default="USD")
LOCALE = env.str("LOCALE", default="en_US")


def _amount(name: str, default: str) -> Decimal:
    try:
        return Decimal(env.str(name, default=default))
    except ArithmeticError:
        raise ImproperlyConfigured(f"{name} is no amount; write it like 30.00.") from None


# What a new user's budget starts with.
BUDGET_DEFAULTS: dict[str, dict[str, Any]] = {
    "administrator": {
        "limit": _amount("ADMINISTRATOR_LIMIT", "100.00"),
        "enforced": False,
        "visible_to_user": True,
        "user_can_modify": True,
        "user_can_reset": True,
    },
    "member": {
        "limit": _amount("MEMBER_LIMIT", "30.00"),
        "enforced": True,
        "visible_to_user": True,
        "user_can_modify": False,
        "user_can_reset": False,
    },
}

# --- Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "purchases",
    "occasions",
    "budgets",
    "people",
    "config.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_structlog",
    # Its static files: the page of the API's documentation.
    "ninja",
]

MIDDLEWARE = [
    "people.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "people.middleware.SignInMiddleware",
    "people.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "purchases.middleware.RequestLimitMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Without IMMEDIATE a read followed by a write loses to "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                "PRAGMA synchronous=NORMAL;"
                "PRAGMA temp_store=MEMORY;"
                "PRAGMA mmap_size=134217728;"
                "PRAGMA cache_size=-20000;"
                "PRAGMA journal_size_limit=27103364;"
            ),
        },
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})
    if env.bool("DATABASE_POOL", default=True):
        # With the default of 30 s a lost database would hold every thread, and /readyz, that long.
        pool = {"min_size": 1, "max_size": 10, "timeout": 5}
        DATABASES["default"]["OPTIONS"].setdefault("pool", pool)
    if env.bool("DATABASE_PREPARE", default=False):
        # The database plans a statement once for each connection, and not whenever it is asked.
        prepared = {"server_side_binding": True, "prepare_threshold": 5}
        DATABASES["default"]["OPTIONS"] |= prepared
    # A connection that died with a restarted server is replaced, not handed to a request.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Behind PgBouncer in transaction mode a server-side cursor outlives its connection.
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("PGBOUNCER", default=False)

# --- People and sign-in -------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "people:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
# The zone a new member starts in; each member then has their own.
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# --- API ----------------------------------------------------------------------------------------

# How often one token may ask in a minute; the second is for tokens that spend for others.
API_RATE = env.int("API_RATE", default=1_200)
API_GATEWAY_RATE = env.int("API_GATEWAY_RATE", default=120_000)
# Where the requests are counted. In the memory of one process each process counts its own.
CACHES: dict[str, dict[str, Any]] = {"default": env.cache("CACHE_URL", default="locmemcache://")}
# Room for a batch of a thousand events, each with as many words as it may have.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# A cache that is away stops nobody: what may be spent is decided by the ledger alone.
RATELIMIT_FAIL_OPEN = True

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"

# --- Backups ------------------------------------------------------------------------------------

# A folder, better on another disk; or any backend of django-storages with its options as JSON.
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(DATA_DIR / "backups"))).resolve()
_backup_backend = env.str("BACKUP_BACKEND", default="")
STORAGES["backups"] = (
    {"BACKEND": _backup_backend, "OPTIONS": env.json("BACKUP_OPTIONS", default={})}
    if _backup_backend
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BACKUP_DIR, "base_url": None, "file_permissions_mode": 0o600},
    }
)

# --- Security -----------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"

# Off only for trying the app on one's own machine over plain http.
HTTPS = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
if env.bool("BEHIND_PROXY", default=False):
    # Only a proxy that always sets this header itself may be trusted with it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Mail and logs ------------------------------------------------------------------------------

MAILERS = {"default": mailer(env.str("MAIL_URL", default="none://"))}
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Pursestrings <pursestrings@localhost>")

LOG_FORMAT = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
LOGGING = logging_config(LOG_FORMAT, level=env.str("LOG_LEVEL", default="INFO"))
# One line a request, when it is answered: that it began is told to those who debug.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
# What stands there has been looked at by RequestIdMiddleware.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = env.bool("LOG_IP_ADDRESSES", default=False)
