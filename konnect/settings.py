"""All settings, driven by the environment; docs/deploy.md lists the variables.

Development is the default and needs none of them. With KONNECT_ENVIRONMENT=production the portal
refuses to start until everything that must be set is set.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from konnect import embedded, rest
from konnect.beat import SCHEDULE
from konnect.imprint import OPERATOR as OPERATOR
from konnect.logs import LOGGING as LOGGING
from konnect.providers import sign_in_origins, sign_in_providers
from konnect.scholarly import CROSSREF_API as CROSSREF_API
from konnect.scholarly import OPENALEX_API as OPENALEX_API
from konnect.scholarly import OPENALEX_KEY as OPENALEX_KEY
from konnect.scholarly import ORCID_API as ORCID_API
from konnect.sign_in_forms import ACCOUNT_FORMS as ACCOUNT_FORMS
from konnect.sign_in_forms import MFA_FORMS as MFA_FORMS

# Forms and fields take the type that they are of, as in `forms.ModelForm[Event]`.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("KONNECT_ENVIRONMENT", default="development")
PRODUCTION = ENVIRONMENT == "production"
DEMO = env.bool("KONNECT_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="" if PRODUCTION else "development-only-" + "k" * 50)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")


def missing_in_production() -> list[str]:
    """Return what keeps the portal from starting in production, in words."""
    problems = []
    if DEBUG:
        problems.append("DEBUG must be off")
    if DEMO:
        problems.append("KONNECT_DEMO must be off: it shows everybody's mail to everybody")
    if len(SECRET_KEY) < 50:
        problems.append("SECRET_KEY must be set, to 50 characters or more")
    if not ALLOWED_HOSTS:
        problems.append("ALLOWED_HOSTS must name the host names, separated by commas")
    problems += [
        f"{name} must be set"
        for name in ("DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL")
        if not env.str(name, default="")
    ]
    return problems


if PRODUCTION and (problems := missing_in_production()):
    raise ImproperlyConfigured("KONNECT cannot start in production: " + "; ".join(problems))

# --- Applications ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "konnect.accounts",
    "matching",
    "events",
    "funding",
    "konnect.accounts.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.orcid",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "django_filters",
    "lucide",
    *rest.APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "konnect.accounts.quick.quick",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "konnect.accounts.impersonation.read_only",
    "konnect.accounts.middleware.preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

# By address: what answers a GET before the middleware that it does not need, or passes it on.
QUICK_VIEWS = {
    "/suggestions/": "matching.views.suggestions.kept_suggestion_list",
    "/api/v1/suggestions/": "matching.views.suggestion_api.kept_suggestion_list",
}

ROOT_URLCONF = "konnect.urls"
WSGI_APPLICATION = "konnect.wsgi.application"
# The templates of the project draw every field; templates/django/forms.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "konnect.accounts.context.portal",
                "matching.context.inbox",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "lucide.templatetags.lucide",
                "konnect.accounts.templatetags.portal",
                "konnect.accounts.templatetags.kept",
                "matching.templatetags.people",
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL") if "DATABASE_URL" in env.ENVIRON else embedded.database()
}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    # Django's default reconnects for every request: twelve times the cost.
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    # What DATABASE_URL says, sslmode for one, comes on top.
    "OPTIONS": {
        "options": (
            "-c statement_timeout=60s "
            f"-c lock_timeout={env.str('KONNECT_LOCK_TIMEOUT', default='10s')} "
            "-c idle_in_transaction_session_timeout=60s "
            # How many neighbours an index of vectors finds: what a search looks at.
            "-c hnsw.ef_search=100"
        ),
        "connect_timeout": 5,
        **DATABASES["default"].get("OPTIONS", {}),
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = embedded.data_directory() / "media"

# --- Languages, time ------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "konnect.formats"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION or DEMO
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not (PRODUCTION or DEMO)

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["konnect.accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "matching:dashboard"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "konnect.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "konnect.accounts.forms.ConsentSignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "KONNECT: "
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
# Counted before any password is hashed. An event's visitors share one address, hence the
# generous limits by address; those by account (`key`) are what stops guessing.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "signup": "30/m/ip",
    "reset_password": "20/m/ip,3/5m/key",
    "confirm_email": "3/m/key",
}
# How many proxies of our own add to X-Forwarded-For; without one it is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
SOCIALACCOUNT_FORMS = {"signup": "konnect.accounts.entrance.SocialSignupForm"}
SOCIALACCOUNT_AUTO_SIGNUP = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "KONNECT"
MFA_TOTP_TOLERANCE = 1
# In production nobody administers the portal with a password alone.
STAFF_NEEDS_SECOND_FACTOR = PRODUCTION
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Writing "last seen" at each request would cost five queries a page.
USERSESSIONS_TRACK_ACTIVITY = False

# After how many months without a sign-in people are asked to come back, hidden, deleted.
DORMANCY_MONTHS = {
    "asked": env.int("DORMANCY_ASKED_AFTER_MONTHS", default=12),
    "hidden": env.int("DORMANCY_HIDDEN_AFTER_MONTHS", default=15),
    "deleted": env.int("DORMANCY_DELETED_AFTER_MONTHS", default=24),
}
# Outside the database and its dumps: by it a restored backup is cleaned of the erased again.
ERASURE_LOG = env.str("KONNECT_ERASURE_LOG", default="") or str(
    embedded.data_directory() / "erasures.log"
)

# --- Security -------------------------------------------------------------------------------

# A paste of ten megabytes, percent-encoded, has to reach the form that refuses it in words.
DATA_UPLOAD_MAX_MEMORY_SIZE = 35 * 1024 * 1024
HTTPS = env.bool("HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "konnect.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Browsers check form-action also where the answer to a form leads elsewhere.
FORM_TARGETS = [SELF, *sign_in_origins(env.ENVIRON)]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": FORM_TARGETS,
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

CSRF_FAILURE_VIEW = "konnect.problems.csrf_failure"
API_LIMITS, REST_FRAMEWORK, SPECTACULAR_SETTINGS = rest.SETTINGS

# --- Mail -----------------------------------------------------------------------------------

# Every message becomes a row in the same transaction; the worker delivers it.
EMAIL_BACKEND = "konnect.accounts.mail.OutboxBackend"
DELIVERY = env.email_url("EMAIL_URL", default="dummymail://")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="KONNECT <portal@konnect.example>")
# Where mail that does not arrive returns to: `returns@host`, whose server takes `returns+…@host`
# and gives it to `manage.py read_bounces`. Without it the sender gets the returns.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")

# --- Broker, cache, worker ------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default=embedded.redis_url())
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # For what every process may count for itself, such as the numbers of the home page.
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Rendered cards: their keys name every state that they depend on.
    "cards": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "cards",
        "OPTIONS": {"MAX_ENTRIES": 4000},
    },
    # Twenty cards as one text, about 100 kB each.
    "panels": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "panels",
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
    # The head, the bar and the foot of pages; konnect/accounts/templatetags/kept.py.
    "layout": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "layout",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # Recovery after kill -9 in seconds instead of minutes.
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
# No socket time limits here: with them a worker that loses its broker dies in one run of two.
# A page never waits for the broker: one quick try, then the beat finds the work.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 3000
CELERY_TASK_SOFT_TIME_LIMIT = 2900
# Shorter than the time that the supervisor and Compose leave for stopping.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(embedded.data_directory() / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- Matching -------------------------------------------------------------------------------

EMBEDDER = env.str("KONNECT_EMBEDDER", default="use-multilingual")
ENGLISH_EMBEDDER = env.str("KONNECT_ENGLISH_EMBEDDER", default="") or "minilm-l6-int8"
EMBEDDER_URL = env.str("KONNECT_EMBEDDER_URL", default="")
EMBEDDER_KEY = env.str("KONNECT_EMBEDDER_KEY", default="")
EMBEDDER_MODEL = env.str("KONNECT_EMBEDDER_MODEL", default="")
EMBEDDER_ONNX = {
    name: env.str(f"KONNECT_EMBEDDER_{name}", default="")
    for name in ("FILE", "TOKENIZER", "SHA256", "POOLING", "PREFIX", "MAX_TOKENS")
}

# What finds the candidates of a run: float32 is proven to lose nobody; int8 is faster, and every
# pass of it is audited. Both give the same lists.
MATCHING_FILTER = env.str("KONNECT_MATCHING_FILTER", default="") or "float32"

# --- Events ---------------------------------------------------------------------------------

# A server whose rooms open by their address alone, as those of Jitsi Meet do: `https://meet.example`.
MEETING_ROOMS = env.str("KONNECT_MEETING_ROOMS", default="").rstrip("/")
if MEETING_ROOMS and not MEETING_ROOMS.startswith("https://"):
    raise ImproperlyConfigured("KONNECT_MEETING_ROOMS must begin with https://")

# --- Sign-in with others, shown only when configured -----------------------------------------

SOCIALACCOUNT_PROVIDERS = sign_in_providers(env.ENVIRON)
