"""Settings shared by every environment, in blocks by concern.

The environment is read here and nowhere else; `.env.example` lists every name. `config.checks` refuses to start with a
value that cannot work.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from config import logs

from .admin_site import *  # noqa: F403
from .environment import BASE_DIR, SITE_NAME, VAR_DIR, env
from .vendors import *  # noqa: F403

# -- the site ---------------------------------------------------------------------------------------------------------
SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
# Demo accounts with a known password may be made only where this (or DEBUG) says so.
DEMO = env.bool("PARLEY_DEMO", default=False)

# -- applications -----------------------------------------------------------------------------------------------------
SHARED_APPS = [
    "tenants",  # before django_tenants: its migrate_schemas keeps the template schema current
    "django_tenants",
    "accounts",
    "integrations.catalogue",
    "integrations.own_calls",
    "scoring.prompts",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.humanize",
    "django.forms",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "corsheaders",
    "channels",
    "django_htmx",
    "django_vite",
    "widget_tweaks",
    "django_structlog",
    "anymail",
    "config.apps.ConfigConfig",
]
# What an organisation owns. `django.contrib.admin` is in both lists: the admin log is per schema.
TENANT_APPS = [
    "django.contrib.admin",
    "accounts.people",
    "accounts.notices",
    "integrations",
    "scenarios",
    "scenarios.experiments",
    "scenarios.knowledge",
    "scenarios.exchange",
    "scenarios.generation",
    "scenarios.training",
    "calls",
    "scoring",
    "scoring.flights",
    "scoring.experiments",
    "coaching",
    "coaching.coach",
    "coaching.learning",
    "coaching.telling",
    "coaching.goals",
    "coaching.own_scenarios",
    "reporting",
    "reporting.takeout",
]
INSTALLED_APPS = [*SHARED_APPS, *[app for app in TENANT_APPS if app not in SHARED_APPS]]

# -- tenancy ----------------------------------------------------------------------------------------------------------
TENANT_MODEL = "tenants.Organization"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# A new organisation is cloned from this empty, migrated schema (tenants.provisioning).
TENANT_TEMPLATE_SCHEMA = "org_template"
TENANT_LIMIT_SET_CALLS = True
PUBLIC_SCHEMA_NAME = "public"
ROOT_URLCONF = "config.public_urls"
ORG_URLCONF = "config.org_urls"

# -- database ---------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **env.db("DATABASE_URL", default="postgres://parley@127.0.0.1:5432/parley"),
        "ENGINE": "django_tenants.postgresql_backend",
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        # Every request has its own thread under ASGI, so connections come from a pool, checked before use: a database
        # that was restarted must not cost a request.
        "OPTIONS": {"pool": {"min_size": 2, "max_size": env.int("DATABASE_POOL_SIZE", default=20), "timeout": 10}},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Redis: cache, channel layer, Celery broker -------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "tenants.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        "KEY_FUNCTION": "tenants.names.cache_key",
        "REVERSE_KEY_FUNCTION": "tenants.names.plain_cache_key",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "parley"},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker that was killed holds its messages until this many seconds pass; the sweeper (calls.sweeps) heals sooner.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 120, "socket_keepalive": True, "health_check_interval": 10}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # LOGGING below is for workers too

# -- requests ---------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "tenants.middleware.OrganizationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.MembershipMiddleware",
    "accounts.middleware.UserLocaleMiddleware",
    "config.middleware.SignInRequiredMiddleware",
    "accounts.sent_once.SentOnceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.csp.ContentSecurityPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.DomainErrorPages",
    "axes.middleware.AxesMiddleware",
]
WSGI_APPLICATION = None
ASGI_APPLICATION = "config.asgi.application"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = ["content-type", "authorization", "idempotency-key", "x-csrftoken", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "etag",
    "x-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
]

# -- templates --------------------------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.context.site",
            ],
            "builtins": ["tenants.templatetags.addresses"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- identity ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
]
SITE_ID = 1
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https") else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # step of 30 s, as RFC 6238 (5.2) advises: a code read at its end is typed a moment later
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {"add_webauthn": "accounts.passkeys.PasskeyForm", "edit_webauthn": "accounts.passkeys.PasskeyNameForm"}
# Encrypt secrets at rest: the first writes, every one reads (tenants.encryption).
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", default=[])
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, object]] = {
    "google": {
        "APPS": (
            [{"client_id": env("GOOGLE_CLIENT_ID"), "secret": env("GOOGLE_CLIENT_SECRET", default=""), "key": ""}]
            if env("GOOGLE_CLIENT_ID", default="")
            else []
        ),
        "SCOPE": ["profile", "email"],
        "OAUTH_PKCE_ENABLED": True,
    },
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": (
            [
                {
                    "provider_id": env("OIDC_PROVIDER_ID", default="sso"),
                    "name": env("OIDC_NAME", default="Single sign-on"),
                    "client_id": env("OIDC_CLIENT_ID"),
                    "secret": env("OIDC_CLIENT_SECRET", default=""),
                    "settings": {"server_url": env("OIDC_SERVER_URL", default="")},
                }
            ]
            if env("OIDC_CLIENT_ID", default="")
            else []
        ),
    },
}
# Where browsers are sent to sign in. A provider whose sign-in page is on another host than its OIDC_SERVER_URL is named
# in OIDC_AUTHORIZE_ORIGIN.
IDENTITY_PROVIDER_ORIGINS = [
    *(["https://accounts.google.com"] if env("GOOGLE_CLIENT_ID", default="") else []),
    *[
        "{0.scheme}://{0.netloc}".format(urlsplit(address))
        for address in (env("OIDC_SERVER_URL", default=""), env("OIDC_AUTHORIZE_ORIGIN", default=""))
        if address
    ],
]
# Eight wrong passwords for one account from one address lock that pair; from everywhere together, fifteen do.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.throttling.attempted_login"
AXES_CLIENT_IP_CALLABLE = "accounts.throttling.client_address"
# A whole office may sign in from one address within a minute; guessing is held by the account.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "60/m/ip,15/15m/key"}
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_CALLABLE = "accounts.throttling.locked_out"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Days in which somebody who asked to be forgotten may change their mind; 0: at once.
ERASURE_GRACE_DAYS = env.int("ERASURE_GRACE_DAYS", default=14)
API_TOKEN_LIFETIME_DAYS = env.int("API_TOKEN_LIFETIME_DAYS", default=30)

# -- REST -------------------------------------------------------------------------------------------------------------
THROTTLE_RATES: dict[str, str] = {
    "default": env("RATE_DEFAULT", default="600/min"),
    "start": env("RATE_START", default="10/min"),
    "token": env("RATE_TOKEN", default="60/min"),
    "transcribe": env("RATE_TRANSCRIBE", default="5/10min"),
    "speak": env("RATE_SPEAK", default="30/min"),
    "export": env("RATE_EXPORT", default="3/h"),
    "upload": env("RATE_UPLOAD", default="30/10min"),
    "chat": env("RATE_CHAT", default="20/min"),
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.MemberSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "tenants.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["tenants.api.throttles.PerUserThrottle"],
    "EXCEPTION_HANDLER": "tenants.api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 25,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    # The server resolves forwarded addresses of proxies that it trusts; a header anybody can write must not count.
    "NUM_PROXIES": 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Voice role-play sales training. Paths are below `/org/<slug>/api/v1/`.",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CallStatusEnum": "calls.models.Call.Status",
        "ContentStatusEnum": "scenarios.models.versions.Status",
        "ModeEnum": "scenarios.models.scenarios.Mode",
        "UploadStatusEnum": "calls.uploads.models.CallUpload.Status",
        "UploadActionEnum": "calls.uploads.models.CallUpload.Action",
        "DocumentStateEnum": "scenarios.knowledge.models.KnowledgeDocument.State",
        "GenerationStateEnum": "scenarios.generation.models.Generation.State",
        "GenerationKindEnum": "scenarios.generation.models.Generation.Kind",
        "GenerationSourceEnum": "scenarios.generation.models.Generation.Source",
        "CertificateStateEnum": "coaching.learning.models.Certificate.State",
        "GoalKindEnum": "coaching.goals.models.Goal.Kind",
        "ItemKindEnum": "scenarios.training.models.TrackItem.Kind",
        "QuestionKindEnum": "scenarios.training.questions.KINDS",
        "InvitationOutcomeEnum": "accounts.people.sheets.OUTCOMES",
        "SheetOutcomeEnum": "scenarios.training.sheets.OUTCOMES",
        "ReviewOutcomeEnum": "scoring.models.Review.Outcome",
        "ScoreStateEnum": "scoring.models.Score.State",
        "AppealStateEnum": "scoring.models.Appeal.State",
        "JobStateEnum": "scoring.models.Job.State",
        "RescoringModeEnum": "scoring.models.Rescoring.Mode",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_URLCONF": ORG_URLCONF,
    # Swagger UI from our own address; no page asks another one for scripts.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "PREPROCESSING_HOOKS": ["config.api.only_this_version"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.api.served_from"],
    "SERVE_PERMISSIONS": ["accounts.authentication.IsMember"],
}

# -- languages --------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"] if (BASE_DIR / "static" / "dist").exists() else []
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# s3://KEY:SECRET@bucket?endpoint_url=http://minio:9000&region_name=…; empty: private files on disk below MEDIA_ROOT.
STORAGE_URL = env("STORAGE_URL", default="")
STORAGES = {
    "default": {"BACKEND": "tenants.storage.PrivateFiles"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
DJANGO_VITE = {
    "default": {
        "dev_mode": env.bool("VITE_DEV", default=False),
        "manifest_path": BASE_DIR / "static" / "dist" / "manifest.json",
        "static_url_prefix": "",
    }
}
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-zA-Z_-]{8,12}\..+$"

# -- calls and scores --------------------------------------------------------------------------------------------------
CALL_RESUME_SECONDS = env.int("CALL_RESUME_SECONDS", default=30)
# Raw audio of calls until their recording is made; web and workers share this folder.
CALL_SPOOL_DIR = Path(env("CALL_SPOOL_DIR", default=str(VAR_DIR / "spool")))
CALL_MAX_SECONDS = env.int("CALL_MAX_SECONDS", default=1800)
# Recordings of real calls that people upload: the largest, the longest, and the largest part of one in a request.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=500_000_000)
UPLOAD_MAX_SECONDS = env.int("UPLOAD_MAX_SECONDS", default=2 * 3600)
UPLOAD_PART_BYTES = env.int("UPLOAD_PART_BYTES", default=8_000_000)
# The largest document that the knowledge base takes in.
KNOWLEDGE_MAX_BYTES = env.int("KNOWLEDGE_MAX_BYTES", default=20_000_000)
# A scenario is published only after simulated trainees have tried it and found nothing wrong.
FLIGHT_REQUIRED = env.bool("FLIGHT_REQUIRED", default=True)
# How long language models may take over one line of a simulated seller.
FLIGHT_SECONDS = env.float("FLIGHT_SECONDS", default=20.0)
QUICK_SCORE_BUDGET_MS = env.int("QUICK_SCORE_BUDGET_MS", default=450)
# Seconds that all language models together may take before the embedded judge stands in.
QUICK_SCORE_SECONDS = env.float("QUICK_SCORE_SECONDS", default=2.0)
DEEP_SCORE_SECONDS = env.float("DEEP_SCORE_SECONDS", default=45.0)
# How long language models may think about a question to the coach before it quotes the documents itself.
COACH_SECONDS = env.float("COACH_SECONDS", default=20.0)
# How long language models may take over one draft (a buyer, a rubric, a scenario) before templates write it.
AUTHOR_SECONDS = env.float("AUTHOR_SECONDS", default=90.0)
# How often a language model reads a call that counts, and how many of the further readings run side by side.
GRADED_RUNS = env.int("GRADED_RUNS", default=3)
GRADED_RUNS_AT_ONCE = env.int("GRADED_RUNS_AT_ONCE", default=2)
# How long a trainee may contest a mark, and how soon a second person is to have decided.
APPEAL_WINDOW_DAYS = env.int("APPEAL_WINDOW_DAYS", default=14)
APPEAL_ANSWER_HOURS = env.int("APPEAL_ANSWER_HOURS", default=72)
# `POST stt/`, a recogniser to try out; for owners and admins.
STT_ENDPOINT_ENABLED = env.bool("STT_ENDPOINT_ENABLED", default=DEBUG)
# Where processes share which vendor is resting after failures; empty: each process for itself.
BREAKER_URL = env("BREAKER_URL", default=REDIS_URL)

# -- mail -------------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
if env("RESEND_API_KEY", default=""):
    EMAIL_BACKEND = "anymail.backends.resend.EmailBackend"
    ANYMAIL = {"RESEND_API_KEY": env("RESEND_API_KEY")}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Parley <no-reply@localhost>")

# -- observability ----------------------------------------------------------------------------------------------------
LOGGING = logs.configure("json" if env("LOG_FORMAT", default="console") == "json" else "console")
SENTRY_DSN = env("SENTRY_DSN", default="")

# -- headers ----------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # The admins are allowed more: config.csp.
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # The call page resamples audio in WebAssembly; nothing else evaluates text.
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'"],
        # Our sockets, and the voice service where a call goes straight to it: config.csp.
        "connect-src": ["'self'", "data:", "blob:"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        # Browsers hold a form's redirects to this, too, and identity providers are reached by one.
        "form-action": ["'self'", *IDENTITY_PROVIDER_ORIGINS],
    },
}
