"""One settings file, safe in production by default; `.env.example` mirrors it line by line."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config.admin_theme import UNFOLD  # noqa: F401 - the admin reads it as a setting
from config.login_forms import ACCOUNT_FORMS, MFA_FORMS  # noqa: F401 - allauth reads them as settings
from config.logs import logging_config, report_errors
from config.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# CORE ------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
LOCAL = env.bool("LOCAL", default=False)  # one's own machine: plain http, demo logins
STYLEGUIDE = env.bool("STYLEGUIDE", default=DEBUG or LOCAL)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")  # "id:base64 of 32 bytes", the first one encrypts
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{env.int('PORT', default=8000)}")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "clinics.User"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TWILIO_API_URL = env.str("TWILIO_API_URL", default="https://api.twilio.com")
GRAPH_API_URL = env.str("GRAPH_API_URL", default="https://graph.facebook.com/v23.0")
PHONE_REGION = env.str("PHONE_REGION", default="US")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "clinics.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
MEDIA_ROOT = VAR_DIR / "media"
REACTIONS = "config.reactions.REACTIONS"
NAVIGATION = "config.navigation.SECTIONS"
JOBS, HOOKS = "config.jobs.JOBS", "config.hooks.SOURCES"
EVENTS, API = "config.events.EVENTS", "config.api.api"
KEPT_OF_LEADS, KEPT_OF_PATIENTS = "config.kept_of_leads", "config.kept_of_patients"
EMR_HOSTS = env.list("EMR_HOSTS", default=[])  # beside those of the vendors; ".a.org" is all below a.org
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=300)  # of one token or session
SEARCH, TODAY = ["patients.search.search_patients", "crm.search.search_leads"], "config.today.PANELS"
CALLS = "inbox.calling.put_through_to"  # (member) -> (person) -> the address that puts them through, or ""
DEMO = ["inbox.demo.talks.write_talks"]  # what the demo clinic holds beside leads and patients
PUBLIC_FORM_LIMITS = [env.int("FORM_SENDS_A_VISITOR", 20), env.int("FORM_SENDS_A_CLINIC", 1200)]  # in ten minutes

# APPS ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "clinics",
    "patients",
    "crm",
    "inbox",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "clinics.apps.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "import_export",
    "template_partials",
]

# MIDDLEWARE ------------------------------------------------------------------------------------
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "clinics.requests.RequestIdMiddleware",
    "clinics.views.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinics.public_doors.PublicDoorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinics.sessions.SessionLimitMiddleware",
    "clinics.login.LanguageMiddleware",
    "clinics.tenancy.ClinicMiddleware",
    "clinics.api_gate.ApiMiddleware",
    "clinics.tabs.StaleTabMiddleware",
    "clinics.second_factor.SecondFactorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

# TEMPLATES -------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "clinics.templatetags.memory",
                "clinics.templatetags.ui",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinics.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS, CRISPY_TEMPLATE_PACK = ["house"], "house"
CRISPY_FAIL_SILENTLY = False
FILTERS_EMPTY_CHOICE_LABEL = _("any")

# DATABASE --------------------------------------------------------------------------------------
# Every connection drops to DATABASE_ROLE, which owns nothing: row-level security binds it.
DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
DATABASES["default"]["NAME"] = env.str("DATABASE_NAME", default=DATABASES["default"]["NAME"])
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_ROLE = env.str("DATABASE_ROLE", default="recare_app")
DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
    "assume_role": DATABASE_ROLE,
    "connect_timeout": env.int("DATABASE_CONNECT_TIMEOUT", default=5),
}
DATABASES["default"]["TEST"] = {"NAME": f"test_recare{env.str('DATABASE_TEST_SUFFIX', default='')}"}
if env.bool("DATABASE_POOL", default=False):  # assume_role asks the pool for a connection while making one: it hangs
    DATABASES["default"]["OPTIONS"]["options"] = f"-c role={DATABASES['default']['OPTIONS'].pop('assume_role')}"
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 20, "timeout": 10}

# CACHE -----------------------------------------------------------------------------------------
CACHES = {"default": env.cache_url("CACHE_URL", default=f"filecache://{VAR_DIR / 'cache'}")}

# CELERY ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "processed_folder": str(VAR_DIR / "broker" / "done"),
        "polling_interval": 0.2,  # seconds
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 3600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE
DJANGO_CELERY_BEAT_TZ_AWARE = True

# STATIC ----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = LOCAL or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL or DEBUG
        else "config.storage.HashedStaticFilesStorage"
    },
}

# EMAIL -----------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{str(VAR_DIR / 'mail').lstrip('/')}"))
if env.str("EMAIL_URL", default="") == "":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Recare <hello@recare.localhost>")

# SECURITY --------------------------------------------------------------------------------------
SESSION_COOKIE_NAME = "recare_session" if LOCAL else "__Host-recare_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_NAME = "recare_csrf" if LOCAL else "__Host-recare_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_AGE = 12 * 3600  # a login ends after this, however busy
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=480 if LOCAL else 15)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not LOCAL)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "clinics.passwords.PlainWordsValidator"},
]

# LOGIN -----------------------------------------------------------------------------------------
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "clinics.login.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/15m/key", "reset_password": "20/m/ip,5/15m/key"}
MFA_ADAPTER = "clinics.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address comes from an invitation, so it was reached once
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
MFA_TOTP_ISSUER = "Recare"

# LOGGING ---------------------------------------------------------------------------------------
LOGGING = logging_config(level=env.str("LOG_LEVEL", default="INFO"), readable=LOCAL or DEBUG)
SENTRY_DSN = env.str("SENTRY_DSN", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if SENTRY_DSN:
    report_errors(SENTRY_DSN)
