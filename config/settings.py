"""Settings of a Kaiu installation: everything comes from the environment or has a safe default."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from config import local, refusals
from config.environment import Environment
from config.lib import logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
if (BASE_DIR / ".env").exists():
    Environment.read_env(BASE_DIR / ".env")

# --- Mode -------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# Embedded servers mean a demo, a developer or a first small shop on one machine.
DATABASE_URL = env.address("DATABASE_URL", schemes=("postgresql", "postgres"))
IS_EMBEDDED = not DATABASE_URL
SITE_SCHEME = env.one_of(
    "SITE_SCHEME", ("http", "https"), default="http" if IS_EMBEDDED else "https"
)
IS_HTTPS = SITE_SCHEME == "https"
LOCAL_DIR = local.directory()
for problem in refusals.problems(os.environ, is_public=IS_HTTPS, is_embedded=IS_EMBEDDED):
    env.refuse(problem)


def kept(name: str) -> str:
    """Read a secret; an embedded installation that was given none keeps its own."""
    value = env(name, default="")
    # A start that is refused leaves nothing behind.
    return local.secret(name) if not value and IS_EMBEDDED and not env.problems else value


SECRET_KEY = kept("SECRET_KEY")
# Former ones, for what was signed with them: links in mails, sessions.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# What the database holds only encrypted: the first encrypts, all of them read.
FIELD_ENCRYPTION_KEYS = [
    key.strip() for key in kept("FIELD_ENCRYPTION_KEYS").split(",") if key.strip()
] or [SECRET_KEY]
DEMO_PASSWORD = env("DEMO_PASSWORD", default="")

# --- Addresses --------------------------------------------------------------------------------

PORT = env.int("PORT", default=8000)
# The organization's host names decide (see shop.middleware): Django's own list has nothing to add.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = env.bool("TRUST_PROXY", default=False)
if USE_X_FORWARDED_HOST:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SOCKETS_URL = env("SOCKETS_URL", default="")
# Whom /readyz asks whether the websockets are served; empty where they run on another machine.
SOCKETS_CHECK_URL = env(
    "SOCKETS_CHECK_URL",
    default=f"http://127.0.0.1:{env.int('SOCKETS_PORT', default=PORT + 1)}/healthz",
)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "channels",
    "csp",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "rest_framework",
    "config",
    "shop",
    "logistics",
    "orders",
    "knowledge",
    "support",
]

MIDDLEWARE = [
    "config.observation.ObservationMiddleware",
    "shop.page_cache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.middleware.OrganizationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shop.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shop.middleware.MembershipMiddleware",
    "shop.access.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "shop.visitor.VisitorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "shop.accounts.second_factor.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.lib.csp.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
                "shop.storefront.shell.context",
            ],
        },
    }
]

# --- Database, cache, broker ------------------------------------------------------------------

# The addresses follow at the end, once nothing speaks against a start.
DATABASES = {"default": {"OPTIONS": {}}}
# Statements that come again are planned once: planning costs more than most of ours run. A pooler
# that hands a connection to another client between two transactions cannot keep them.
if env.bool("DATABASE_PREPARED", default=True):
    DATABASES["default"]["OPTIONS"].update(server_side_binding=True, prepare_threshold=5)
# Web workers keep one connection each; the sockets' process shares a small pool (config/asgi.py).
if pool_size := env.int("DATABASE_POOL_SIZE", default=0):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool_size}
else:
    DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.address("REDIS_URL", schemes=("redis", "rediss", "unix"))
# Every key of ours begins so: an installation may share its server with others.
VALKEY_PREFIX = "kaiu"
# Off only to measure what a page costs when nothing is kept.
PAGE_CACHE = env.bool("PAGE_CACHE", default=True)
# A page lives to the end of its minute: what is published at a minute appears at that minute, and
# a version that could not be raised is overtaken.
PAGE_SECONDS = 60
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{VALKEY_PREFIX}.tasks.",
    "visibility_timeout": 3600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# The log is Django's, in every process.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULER = "config.heartbeats.Clock"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = {
    "sweep-orders": {"task": "orders.tasks.sweep", "schedule": timedelta(minutes=1)},
    "forget-answers": {
        "task": "orders.idempotency_tasks.forget_answers",
        "schedule": timedelta(hours=1),
    },
    "sweep-shipments": {"task": "logistics.tasks.sweep", "schedule": timedelta(seconds=30)},
    "look-at-wallets": {
        "task": "logistics.wallet_tasks.sweep",
        "schedule": timedelta(minutes=10),
    },
    "sweep-cash": {"task": "orders.cash_tasks.sweep", "schedule": timedelta(minutes=5)},
    "sweep-imports": {"task": "shop.imports.tasks.sweep", "schedule": timedelta(seconds=30)},
    "sweep-subscriptions": {
        "task": "orders.subscriptions.tasks.sweep",
        "schedule": timedelta(minutes=1),
    },
    "sweep-notices": {"task": "orders.webhook_tasks.sweep", "schedule": timedelta(seconds=30)},
    "sweep-carrier-notices": {
        "task": "logistics.notice_tasks.sweep",
        "schedule": timedelta(seconds=30),
    },
    "check-stock": {
        "task": "orders.tasks.check_every_stock",
        "schedule": crontab(hour=8, minute=5),
    },
    "tell-low-stock": {
        "task": "shop.stock_tasks.sweep_low_stock",
        "schedule": timedelta(minutes=5),
    },
    "tell-back-in-stock": {
        "task": "shop.stock_tasks.sweep_alerts",
        "schedule": timedelta(minutes=2),
    },
    "forget-alerts": {
        "task": "shop.stock_tasks.forget_every_alert",
        "schedule": crontab(hour=8, minute=40),
    },
    "track-shipments": {
        "task": "logistics.tracking_tasks.sweep",
        "schedule": timedelta(seconds=15),
    },
    "sweep-batches": {"task": "orders.batches.sweep", "schedule": timedelta(minutes=1)},
    "refresh-sales": {"task": "orders.sales_tasks.refresh_sales", "schedule": timedelta(minutes=2)},
    # While it is night in Latin America.
    "heal-sales": {"task": "orders.sales_tasks.heal_sales", "schedule": crontab(hour=8, minute=20)},
}
CELERY_IMPORTS = [
    "config.lib.mail",
    "logistics.notice_tasks",
    "logistics.tasks",
    "logistics.tracking_tasks",
    "logistics.wallet_tasks",
    "orders.cash_tasks",
    "orders.batches",
    "orders.idempotency_tasks",
    "orders.mail_tasks",
    "orders.practice.notices",
    "orders.sales_tasks",
    "orders.subscriptions.mail_tasks",
    "orders.subscriptions.tasks",
    "orders.tasks",
    "orders.webhook_tasks",
    "shop.accounts.tasks",
    "shop.imports.tasks",
    "shop.stock_tasks",
]

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "shop.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "shop.accounts.backends.PasswordBackend",
]
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
LOGIN_REDIRECT_URL = "account"

# --- Signing in -------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "shop.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "shop.accounts.forms.SignInForm",
    "signup": "shop.accounts.forms.SignUpForm",
    "reset_password": "shop.accounts.forms.ResetForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_CHANGE_EMAIL = True
# Only so can signing up answer the same for an address that has an account, and only so is what
# guests left under an address shown to nobody but its owner.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
# In the browser that signed up, and in no other.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    # Codes of the second factor; passwords are counted by shop.accounts.lockout.
    "login_failed": "5/15m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/h/key",
    "sign_in_link": "20/m/ip,5/h/key",
}
# Beside our own fields (config/lib/fields.py): table, key, column and its type.
ENCRYPTED_COLUMNS = [("mfa_authenticator", "id", "data", "jsonb")]
MFA_ADAPTER = "shop.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# How many proxies of ours stand in front (TRUST_PROXY): each adds one entry to X-Forwarded-For.
PROXY_COUNT = env.int("PROXY_COUNT", default=1)

# --- Lock-out ---------------------------------------------------------------------------------

AXES_HANDLER = "shop.accounts.lockout.Lockout"
AXES_LOCKOUT_CALLABLE = "shop.accounts.lockout.answer"
# Wrong passwords for one e-mail from one address; then it waits.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Wrong passwords from one address, whatever the e-mail: an office shares one.
SIGN_IN_TRIES_PER_ADDRESS = 50
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "kaiu_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PHONENUMBER_DEFAULT_REGION = "CO"

# --- Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=LOCAL_DIR / "static")()
MEDIA_URL = env("MEDIA_URL", default="/media/")
MEDIA_ROOT = env.path("MEDIA_ROOT", default=LOCAL_DIR / "media")()
# Files that only a view hands out, after asking who wants them: proofs of payment.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=LOCAL_DIR / "private")()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if env("S3_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env("S3_BUCKET"),
            "endpoint_url": env("S3_ENDPOINT_URL", default=None),
            "region_name": env("S3_REGION", default=None),
            "access_key": env("S3_ACCESS_KEY", default=None),
            "secret_key": env("S3_SECRET_KEY", default=None),
            "querystring_auth": False,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            **STORAGES["default"]["OPTIONS"],
            "bucket_name": env("S3_PRIVATE_BUCKET", default=env("S3_BUCKET")),
            "default_acl": "private",
            "object_parameters": {"CacheControl": "private, no-store"},
        },
    }
# Touched when a backup was made (docs/deployment.md).
BACKUP_STAMP = env.path("BACKUP_STAMP", default=LOCAL_DIR / "last-backup")()
# The largest form is one picture of a product.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# A rate table has a dozen fields for every department and step of weight, and each says twice what
# it holds: as it was shown, and as it was typed.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- E-mail -----------------------------------------------------------------------------------

# A request only queues a mail; a worker delivers it by the service below.
EMAIL_BACKEND = "config.lib.mail.QueuedBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Kaiu <no-reply@localhost>")
# Domains whose addresses a shop may write into its sender: those that the mail service has proved.
MAIL_SENDER_DOMAINS = [
    domain.lower() for domain in env.list("MAIL_SENDER_DOMAINS", default=[]) if domain
]
MAIL_DIRECTORY = LOCAL_DIR / "mail"
# The mails of practice shops for every visitor, and not only for this machine: for a demo on a
# server that holds nothing else.
PRACTICE_MAIL_FOR_ALL = env.bool("PRACTICE_MAIL_FOR_ALL", default=False)
EMAIL_URL = env.address("EMAIL_URL", schemes=("smtp+tls", "smtp+ssl", "smtp", "files"))
RESEND_API_KEY = env("RESEND_API_KEY", default="")
if RESEND_API_KEY:
    MAIL_DELIVERY_BACKEND = "anymail.backends.resend.EmailBackend"
    ANYMAIL = {"RESEND_API_KEY": RESEND_API_KEY, "REQUESTS_TIMEOUT": EMAIL_TIMEOUT}
elif EMAIL_URL.startswith("smtp"):
    _mail = env.email_url_config(EMAIL_URL)
    MAIL_DELIVERY_BACKEND = _mail.pop("EMAIL_BACKEND")
    vars().update(_mail)
else:
    MAIL_DELIVERY_BACKEND = "config.lib.mail.FileBackend"

# --- Outside services -------------------------------------------------------------------------

# Names that may lead into our own network: a proxy or a service beside this one. Others never do.
HTTP_PRIVATE_HOSTS = env.list("HTTP_PRIVATE_HOSTS", default=[])
# Where each gateway answers with test keys and with live ones, and where its page stands.
GATEWAY_ADDRESSES = {
    "wompi": {
        "test": "https://sandbox.wompi.co/v1",
        "live": "https://production.wompi.co/v1",
        "page": "https://checkout.wompi.co/p/",
    },
    "stripe": {
        "test": "https://api.stripe.com",
        "live": "https://api.stripe.com",
        "page": "https://checkout.stripe.com/",
    },
}
# Where carriers are asked (reference: carriers.md). Venndelo has no test environment.
CARRIER_ADDRESSES = {
    "venndelo": {"live": "https://api.venndelo.com"},
    "envia": {
        "test": "https://api-test.envia.com",
        "live": "https://api.envia.com",
        "test_queries": "https://queries-test.envia.com",
        "live_queries": "https://queries.envia.com",
    },
    "coordinadora": {
        # Written of as plain http, and asked encrypted by client code. Where that does not work, a
        # tunnel's address goes here, and its host into HTTP_PRIVATE_HOSTS.
        "test": env.str("COORDINADORA_TEST_ADDRESS", default="https://sandbox.coordinadora.com"),
        "live": "https://ws.coordinadora.com",
        "live_guides": env.str(
            "COORDINADORA_GUIDES_ADDRESS", default="https://guias.coordinadora.com"
        ),
    },
}

# --- Safety -----------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_SSL_REDIRECT = IS_HTTPS and env.bool("REDIRECT_TO_HTTPS", default=True)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"


def origin_of(address: str) -> list[str]:
    """Give the origin of an absolute address as a list, empty for an address of our own."""
    parts = urlsplit(address)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.scheme and parts.netloc else []


# Where pictures come from when storage is not on this host (a bucket or its CDN).
MEDIA_ORIGINS = env.list("MEDIA_ORIGINS", default=origin_of(MEDIA_URL))
PAYMENT_PAGE_ORIGINS = [
    origin for gateway in GATEWAY_ADDRESSES.values() for origin in origin_of(gateway["page"])
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *MEDIA_ORIGINS],
        "connect-src": ["'self'", *origin_of(SOCKETS_URL.replace("{host}", "*"))],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        # A form that starts a payment is redirected to the gateway's page.
        "form-action": ["'self'", *PAYMENT_PAGE_ORIGINS],
        "frame-ancestors": ["'none'"],
    }
}
# The back-office: unfold's Alpine evaluates expressions and writes style attributes.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src-attr": ["'unsafe-inline'"],
}

# --- API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    # The first one decides how a missing sign-in is asked for.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "shop.api.identification.TokenAuthentication",
        "shop.api.identification.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["shop.api.identification.RolePermission"],
    "DEFAULT_THROTTLE_CLASSES": [
        "config.lib.api.throttles.AnonymousThrottle",
        "config.lib.api.throttles.UserThrottle",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.lib.api.parsing.JsonParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.lib.api.keyset.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # OPTIONS would list choices that a person may not see.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "config.lib.api.errors.answer",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Requests a second, minute, hour or day: of one address, of one person, to sign in, for quotes.
API_RATES = {
    "anonymous": env("API_RATE_ANONYMOUS", default="300/m"),
    "user": env("API_RATE_USER", default="1200/m"),
    "token": env("API_RATE_TOKEN", default="10/m"),
    "quote": env("API_RATE_QUOTE", default="60/m"),
}
# How often one address may ask for the state of an order by its number alone.
TRACKING_RATES = env.list("TRACKING_RATES", default=["10/m", "60/h"])
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    # A new password ends every token.
    "CHECK_REVOKE_TOKEN": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kaiu",
    "VERSION": "1",
    "DESCRIPTION": (
        "Everything a merchant may read and write. Sign in at `/api/token/`, or use the session of "
        "the shop or the admin. Money is an integer number of the currency's minor unit. Lists "
        "come in pages: follow `next`. A filter, field or order that does not exist is refused by "
        "name. Errors are `code`, `message` and, by field, `fields`. Send the `ETag` of a row as "
        "`If-None-Match` to read it only when it changed, and as `If-Match` to write it only when "
        "nobody else did."
    ),
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.lib.api.docs.describe_errors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "CustomerStatus": "shop.models.Customer.Status",
        "DocumentType": "shop.models.customers.DocumentType",
        "IncidentState": "logistics.models.Incident.State",
        "InvoiceKind": "orders.models.Invoice.Kind",
        "InvoiceStatus": "orders.models.Invoice.Status",
        "OrderStatus": "orders.models.Order.Status",
        "RefundStatus": "orders.models.Refund.Status",
        "ShipmentState": "logistics.models.shipments.State",
    },
}

# --- Back-office ------------------------------------------------------------------------------

# Names, colours and the menu differ from shop to shop: callbacks give them (shop/admin/look.py).
UNFOLD = {
    "SITE_TITLE": "shop.admin.look.site_title",
    "SITE_HEADER": "shop.admin.look.site_title",
    "SITE_ICON": "shop.admin.look.logo",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [{"href": "shop.admin.look.favicon", "rel": "icon"}],
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "shop.admin.look.environment",
    "ENVIRONMENT_TITLE_PREFIX": "shop.admin.look.environment_prefix",
    "STYLES": ["shop.admin.look.brand_address", "shop.admin.look.own_styles_address"],
    "SCRIPTS": ["shop.admin.look.own_script_address", "shop.admin.look.quick_find_address"],
    "ACCOUNT": {"navigation": "shop.admin.look.account_links"},
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "shop.admin.look.navigation",
    },
}

# --- Logs and counters ------------------------------------------------------------------------

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMAT = env.one_of("LOG_FORMAT", logs.STYLES, default="json" if IS_HTTPS else "readable")
LOGGING = logs.configuration(
    style=LOG_FORMAT, level=env.one_of("LOG_LEVEL", _LEVELS, default="INFO")
)
# Who may read /metrics from outside of our own network; without it, nobody there.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
# Errors go there, without people and secrets; unset, nowhere.
SENTRY_DSN = env("SENTRY_DSN", default="")

# --- Servers ----------------------------------------------------------------------------------

env.stop_if_refused()
DATABASES["default"] = {
    **(_database := env.db_url_config(DATABASE_URL or local.database_url())),
    **DATABASES["default"],
    "OPTIONS": {**_database.get("OPTIONS", {}), **DATABASES["default"]["OPTIONS"]},
}
REDIS_URL = REDIS_URL or local.redis_url()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": VALKEY_PREFIX,
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL}], "prefix": f"{VALKEY_PREFIX}.sockets"},
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
