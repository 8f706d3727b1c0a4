"""The one settings module, driven by the environment: docs/configuration.md has the table of variables.

Two modes. `local` (the default) needs nothing, answers only to this machine and keeps everything under var/.
`production` refuses to start without its secrets.
"""

import contextlib
import os
import secrets
import sqlite3
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODE = env.str("JOBBOARD_MODE", "local")
if MODE not in {"local", "production"}:
    raise ImproperlyConfigured(f"JOBBOARD_MODE is {MODE!r}: it must be 'local' or 'production'.")
PRODUCTION = MODE == "production"

VAR_DIR = Path(env.str("JOBBOARD_VAR", str(BASE_DIR / "var")))


def required(name: str) -> str:
    """The value of a variable that production cannot do without."""
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in production: see docs/configuration.md.")
    return value


def local_secret_key() -> str:
    """A key of this machine's own, made at the first start so that sessions survive a restart."""
    path = VAR_DIR / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        # 0600, and there with all it says or not at all: the web workers and the other processes may start together.
        partial = path.with_name(f"secret_key.{os.getpid()}")
        with open(partial, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
        partial.unlink()
        return path.read_text().strip()


SECRET_KEY = required("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", "") or local_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", False)
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("DEBUG shows secrets to visitors: it cannot be on in production.")
ALLOWED_HOSTS = (
    [host.strip() for host in required("ALLOWED_HOSTS").split(",")]
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The public address, for links in mails and canonical URLs; a mail has no request to take it from.
_LOCAL_URL = "http://127.0.0.1:" + (env.str("PORT", "") or "8000")
SITE_URL = (required("SITE_URL") if PRODUCTION else env.str("SITE_URL", _LOCAL_URL)).rstrip("/")

INSTALLED_APPS = [
    "jobboard.apps.JobboardConfig",
    "jobboard.text.apps.TextConfig",
    "jobboard.mail.apps.MailConfig",
    "jobboard.accounts.apps.AccountsConfig",
    "jobboard.contact.apps.ContactConfig",
    "jobboard.privacy.apps.PrivacyConfig",
    "jobboard.ops.apps.OpsConfig",
    "careers.apps.CareersConfig",
    "offers.apps.OffersConfig",
    "offers.places.apps.PlacesConfig",
    "offers.companies.apps.CompaniesConfig",
    "offers.changelog.apps.ChangelogConfig",
    "offers.search.apps.SearchConfig",
    "offers.indexing.apps.IndexingConfig",
    "offers.catalogue.apps.CatalogueConfig",
    "offers.alerts.apps.AlertsConfig",
    "offers.applications.apps.ApplicationsConfig",
    "offers.moderation.apps.ModerationConfig",
    "offers.posting.apps.PostingConfig",
    "jobboard.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_q",
    "phonenumber_field",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "jobboard.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Below what sets headers, so that their answers have them too; above what reads a form or a cookie.
    "jobboard.middleware.RequestBodyMiddleware",
    "jobboard.middleware.DatabaseMiddleware",
    "jobboard.middleware.NulCharacterMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Counts cached pages too.
    "offers.catalogue.audience.AudienceMiddleware",
    "jobboard.caching.middleware.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "jobboard.urls"
# The site is at the root of its host. A header must not say otherwise: cached pages would have its URLs.
FORCE_SCRIPT_NAME = ""
WSGI_APPLICATION = "jobboard.wsgi.application"

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
                "jobboard.context_processors.site",
            ],
        },
    },
    # Fragments that Django templates render too slowly: see jobboard/jinja2.py.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {
            "environment": "jobboard.jinja2.environment",
            "context_processors": ["jobboard.context_processors.site"],
            "libraries": [
                "jobboard.templatetags.frame",
                "jobboard.text.templatetags.text",
                "offers.templatetags.offers",
                "offers.catalogue.templatetags.cards",
            ],
        },
    },
]
if not PRODUCTION:
    # A real site stands behind a proxy that compresses: docs/deployment/nginx.conf.
    MIDDLEWARE.insert(0, "django.middleware.gzip.GZipMiddleware")

# The project's templates come before those of Django's form widgets.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# Databases ------------------------------------------------------------------------------------------------------------

DATABASE_URL = (
    required("DATABASE_URL") if PRODUCTION else env.str("DATABASE_URL", f"sqlite:///{VAR_DIR}/jobboard.sqlite3")
)
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
_database = DATABASES["default"]
# A test run beside another one on the same server needs a database of its own.
if env.str("TEST_DATABASE_NAME", ""):
    _database["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME")}

if _database["ENGINE"] == "django.db.backends.postgresql":
    # Checks pooled connections without a query. Measured: with pool and checks a server restart under load lost 1
    # request of 17,335 (140 with persistent connections, 10 with the pool alone).
    _database["ENGINE"] = "jobboard.postgresql"
    _database["CONN_MAX_AGE"] = 0
    _database.setdefault("OPTIONS", {}).update(
        # A page waits for one second where the database is away, then says so or is served from the cache.
        pool={"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 8), "timeout": 1},
        connect_timeout=2,
        # Milliseconds that a dead server may leave a statement without an acknowledgement.
        tcp_user_timeout=2_000,
        # Planning a statement takes longer than running it (0.9 of 1.1 ms): each connection prepares those that it has
        # run five times. Values must then travel beside the SQL and not inside.
        server_side_binding=True,
        prepare_threshold=5 if env.bool("DATABASE_PREPARED_STATEMENTS", True) else None,
        options=f"-c statement_timeout={env.int('DATABASE_STATEMENT_TIMEOUT', 10_000)}",
    )
else:

    def sqlite_wal_is_safe(version: tuple[int, int, int]) -> bool:
        """Whether this SQLite is free of the WAL corruption bug (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
        return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)

    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Off the WAL a commit must wait for the disk; on it, only a checkpoint must.
    _journal, _sync = ("wal", "normal") if sqlite_wal_is_safe(sqlite3.sqlite_version_info) else ("delete", "full")
    # Opening the file at each request took as long as answering with a cached page.
    _database["CONN_MAX_AGE"] = 60
    _database["OPTIONS"] = {
        # Without these two, half of concurrent writes failed with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Half a megabyte for each thread: with two it is no faster, since the system keeps the file anyway.
        "init_command": f"PRAGMA journal_mode={_journal}; PRAGMA synchronous={_sync}; PRAGMA cache_size=-500;",
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, so that a limit counted in one worker holds in all of them.
CACHES = {
    "default": {
        "BACKEND": "jobboard.caching.limits.LimitCache",
        "LOCATION": "cache",
        "KEY_FUNCTION": "jobboard.caching.limits.digest",
    },
    # Where the task worker would write its state twice a second: nobody reads it.
    "tasks": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# Accounts -------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "posting:dashboard"
LOGOUT_REDIRECT_URL = "home"
# Whether recruiters open accounts by themselves; else curators make them.
SIGNUP_OPEN = env.bool("SIGNUP_OPEN", True)
# Days after which an account whose address was never confirmed is deleted.
UNCONFIRMED_ACCOUNT_DAYS = env.int("UNCONFIRMED_ACCOUNT_DAYS", 7)
# Whether the admin opens only to a session that has shown a second factor.
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", PRODUCTION)
ACCOUNT_ADAPTER = "jobboard.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# By a link, which the task makes when it sends it; it is confirmed by a click on its page, since programs that guard
# mailboxes open links too. Until then nobody is signed in.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
# Whoever confirms in the browser that signed up is signed in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# One address each: another one takes its place once it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
# Before an address, a second factor or the account itself changes, its owner says who they are again.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A mail to whatever address a visitor types would be a gift to spammers; the page says the same either way.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Whose password, address or second factor has changed hears of it.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
# Counted in the database for all workers at once. Mails to one address are few: anybody can type it.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/h/ip",
    "confirm_email": "1/3m/key,5/d/key",
    "reset_password": "20/h/ip,5/h/key",
}
_FORMS = "jobboard.accounts.forms."
ACCOUNT_FORMS = {
    "login": _FORMS + "LoginForm",
    "signup": _FORMS + "SignupForm",
    "add_email": _FORMS + "AddEmailForm",
    "reauthenticate": _FORMS + "ReauthenticateForm",
    "reset_password": _FORMS + "ResetPasswordForm",
    "reset_password_from_key": _FORMS + "ResetPasswordKeyForm",
    "change_password": _FORMS + "ChangePasswordForm",
    "set_password": _FORMS + "SetPasswordForm",
}
MFA_ADAPTER = "jobboard.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A telephone’s clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": _FORMS + "MFACodeForm",
    "reauthenticate": _FORMS + "MFACodeReauthenticateForm",
    "activate_totp": _FORMS + "ActivateTOTPForm",
    "deactivate_totp": _FORMS + "DeactivateTOTPForm",
    "generate_recovery_codes": _FORMS + "RecoveryCodesForm",
    "add_webauthn": _FORMS + "AddPasskeyForm",
    "edit_webauthn": _FORMS + "RenamePasskeyForm",
    "authenticate_webauthn": _FORMS + "PasskeyForm",
    "reauthenticate_webauthn": _FORMS + "PasskeyReauthenticateForm",
    "login_webauthn": _FORMS + "PasskeyLoginForm",
}
PASSWORD_RESET_TIMEOUT = 24 * 3600
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Notices name people; in a cookie they would lie in the open.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Mail and tasks -------------------------------------------------------------------------------------------------------

if PRODUCTION:
    vars().update(env.email_url_config(required("EMAIL_URL")))
elif env.str("EMAIL_URL", ""):
    vars().update(env.email_url_config(env.str("EMAIL_URL")))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = (
    required("DEFAULT_FROM_EMAIL") if PRODUCTION else env.str("DEFAULT_FROM_EMAIL", "Jobboard <site@example.org>")
)
# Who hears of a new lead.
TEAM_EMAILS = env.list("TEAM_EMAILS", default=[DEFAULT_FROM_EMAIL])
# Days that the outbox keeps messages that were sent, cancelled or given up; they hold no address.
OUTBOX_RETENTION_DAYS = env.int("OUTBOX_RETENTION_DAYS", 30)

Q_CLUSTER = {
    "name": "jobboard",
    "label": "File de tâches",
    "orm": "default",
    "workers": env.int("TASK_WORKERS", 1),
    "poll": 0.5,
    "cache": "tasks",
    # A task that runs longer is killed; one that a dead worker held, or that failed, runs again after `retry`, which
    # counts from the moment it left the queue: it may have waited behind two others. Ten failures are the last.
    "timeout": 60,
    "retry": 180,
    "max_attempts": 10,
    "ack_failures": False,
    # Failures are kept, for the admin; what went well leaves no trace, since its arguments are of no more use.
    "save_limit": -1,
    "catch_up": False,
    "max_rss": 200_000,
}

# Days that the failures of the task queue are kept, for whoever looks into them.
TASK_RETENTION_DAYS = env.int("TASK_RETENTION_DAYS", 30)

# Contact --------------------------------------------------------------------------------------------------------------

PHONENUMBER_DEFAULT_REGION = "FR"
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"
# Days that a lead is kept after its last contact (CNIL: three years).
LEAD_RETENTION_DAYS = env.int("LEAD_RETENTION_DAYS", 3 * 365)
# Messages accepted from one network address in an hour.
CONTACT_LIMIT_PER_HOUR = env.int("CONTACT_LIMIT_PER_HOUR", 5)
# Seconds that a person needs at least to fill in the form.
CONTACT_MINIMUM_DELAY = env.int("CONTACT_MINIMUM_DELAY", 3)
# How many proxies stand before the site: the visitor's address is read that far from the right of X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1 if PRODUCTION else 0)

# Offers ---------------------------------------------------------------------------------------------------------------

# This host's search index; it can be deleted at any time.
SEARCH_DIR = Path(env.str("SEARCH_DIR", str(VAR_DIR / "search")))
# Worker processes that make the documents of a new index.
SEARCH_BUILD_PROCESSES = env.int("SEARCH_BUILD_PROCESSES", min(os.cpu_count() or 1, 4))
OFFER_LIFETIME_DAYS = env.int("OFFER_LIFETIME_DAYS", 60)
# Whether an offer says what it pays before it can be submitted.
PAY_REQUIRED = env.bool("PAY_REQUIRED", True)
# Days during which the page of a closed offer still answers 200 to who has its link; then 410.
OFFER_GONE_AFTER_DAYS = env.int("OFFER_GONE_AFTER_DAYS", 30)
# Days after which a recruiter is asked whether an offer still stands.
CONFIRM_AFTER_DAYS = env.int("CONFIRM_AFTER_DAYS", 21)
# Days that the counts of readings are kept: a year can then be held against the one before.
AUDIENCE_RETENTION_DAYS = env.int("AUDIENCE_RETENTION_DAYS", 2 * 365)

# Applications ---------------------------------------------------------------------------------------------------------

# Days that an application is kept after the last contact (CNIL: at most two years).
APPLICATION_RETENTION_DAYS = env.int("APPLICATION_RETENTION_DAYS", 2 * 365)
# Applications accepted from one network address in an hour.
APPLICATION_LIMIT_PER_HOUR = env.int("APPLICATION_LIMIT_PER_HOUR", 20)
CV_MAX_BYTES = 5_000_000
# Reads a file from its standard input; ends with 0 where it found nothing, 1 where it found something. Empty: none.
CV_ANTIVIRUS_COMMAND = env.str("CV_ANTIVIRUS_COMMAND", "")

# Alerts ---------------------------------------------------------------------------------------------------------------

# Days that an alert is kept which nobody has confirmed, or which has been ended.
ALERT_UNCONFIRMED_DAYS = env.int("ALERT_UNCONFIRMED_DAYS", 7)
# Requests about alerts accepted from one network address, and for one mail address, in an hour.
ALERT_LIMIT_PER_HOUR = env.int("ALERT_LIMIT_PER_HOUR", 10)
# Mails of alerts that one task worker sends in a second, at most.
ALERT_MAILS_PER_SECOND = env.int("ALERT_MAILS_PER_SECOND", 20)

# Reports --------------------------------------------------------------------------------------------------------------

# Days that a report is kept after the decision: as long as it can be contested.
REPORT_RETENTION_DAYS = env.int("REPORT_RETENTION_DAYS", 365)

# Who publishes the site (legal pages) ---------------------------------------------------------------------------------

SITE_NAME = env.str("SITE_NAME", "Jobboard")
SITE_IDENTITY = {
    "publisher": env.str("SITE_PUBLISHER", ""),
    "legal_form": env.str("SITE_LEGAL_FORM", ""),
    "address": env.str("SITE_ADDRESS", ""),
    "registration": env.str("SITE_REGISTRATION", ""),
    "email": env.str("SITE_EMAIL", ""),
    "phone": env.str("SITE_PHONE", ""),
    "publication_director": env.str("SITE_PUBLICATION_DIRECTOR", ""),
    "host": env.str("SITE_HOST", ""),
}

# Language -------------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# Files ----------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
# What candidates entrust to the site: outside of everything that is served.
PRIVATE_DIR = Path(env.str("PRIVATE_DIR", str(VAR_DIR / "private")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "jobboard.storage.PrivateStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Whatever is sent, files included: a CV and a form around it. The proxy's limit is the same.
MAX_BODY_BYTES = 6 * 1024 * 1024
# Of it without files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A profile with twenty lines in each of its lists is a form of a thousand fields, Django's default limit.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Security -------------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "jobboard.views.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    # The health check comes from the load balancer, on the inside, without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# Logs -----------------------------------------------------------------------------------------------------------------
# To standard error; jobboard/ops/logs.py decides what an error record contains. No error reports by mail: they would
# carry what people typed.


def without_traceback(record) -> bool:
    """A request that is refused (a host name, a form with too many fields) is no failure of the code: one line."""
    record.exc_info = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "jobboard.ops.logs.RedactingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"short": {"()": "django.utils.log.CallbackFilter", "callback": without_traceback}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "refusals": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.security": {"handlers": ["refusals"], "level": "INFO", "propagate": False},
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
