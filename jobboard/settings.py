"""Settings for all environments, read from environment variables: docs/configuration.md lists them.

There are two modes. `local` (the default) needs no variables, accepts requests from this machine only, and stores all
data in var/. `production` does not start without its secrets.
"""

import contextlib
import logging
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
    """Return an environment variable. Raise ImproperlyConfigured if it is missing."""
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in production: see docs/configuration.md.")
    return value


def local_secret_key() -> str:
    """Return the secret key of this checkout, created at the first start: sessions survive a restart."""
    path = VAR_DIR / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Write and link a complete file with mode 0600: several processes may start at the same time.
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
# The base of links in mails and of canonical URLs; a mail has no request to build them from.
_LOCAL_URL = "http://127.0.0.1:" + (env.str("PORT", "") or "8000")
SITE_URL = (required("SITE_URL") if PRODUCTION else env.str("SITE_URL", _LOCAL_URL)).rstrip("/")

INSTALLED_APPS = [
    "jobboard.apps.JobboardConfig",
    "jobboard.text.apps.TextConfig",
    "jobboard.mail.apps.MailConfig",
    "jobboard.accounts.apps.AccountsConfig",
    "jobboard.contact.apps.ContactConfig",
    "jobboard.privacy.apps.PrivacyConfig",
    "jobboard.resubmission.apps.ResubmissionConfig",
    "jobboard.ops.apps.OpsConfig",
    "careers.apps.CareersConfig",
    "offers.apps.OffersConfig",
    "offers.places.apps.PlacesConfig",
    "offers.companies.apps.CompaniesConfig",
    "offers.changelog.apps.ChangelogConfig",
    "offers.search.apps.SearchConfig",
    "offers.understanding.apps.UnderstandingConfig",
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
    # Below the middleware that sets headers, which their responses need, and above any that reads a form or a cookie.
    "jobboard.middleware.RequestBodyMiddleware",
    "jobboard.middleware.CharacterMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jobboard.middleware.DatabaseMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Counts cached pages too.
    "offers.catalogue.audience.AudienceMiddleware",
    "jobboard.caching.middleware.PageCacheMiddleware",
    "jobboard.middleware.PrivatePageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jobboard.accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "jobboard.resubmission.middleware.SavedFormMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jobboard.middleware.MethodNotAllowedMiddleware",
]

ROOT_URLCONF = "jobboard.urls"
# The site is at the root of its host. Do not let a request header set a prefix: cached pages would contain it.
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
                "jobboard.templatetags.layout",
                "jobboard.text.templatetags.text",
                "offers.templatetags.offers",
                "offers.catalogue.templatetags.cards",
            ],
        },
    },
]
if not PRODUCTION:
    # In production the proxy compresses responses: docs/deployment/nginx.conf.
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
# Concurrent test runs on one server need a database each.
if env.str("TEST_DATABASE_NAME", ""):
    _database["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME")}

if _database["ENGINE"] == "django.db.backends.postgresql":
    # Pooled connections are checked without a query. With the pool and checks, a server restart under load failed 1
    # request of 17,335 (140 with persistent connections, 10 with the pool alone).
    _database["ENGINE"] = "jobboard.postgresql"
    _database["CONN_MAX_AGE"] = 0
    _database.setdefault("OPTIONS", {}).update(
        # Seconds to wait for a connection before the request is served from the page cache, or answered with 503.
        pool={"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 8), "timeout": 1},
        connect_timeout=2,
        # Milliseconds without a TCP acknowledgement after which a connection is closed.
        tcp_user_timeout=2_000,
        # Planning a statement takes longer than running it (0.9 of 1.1 ms), so each connection prepares the statements
        # that it has run five times. Prepared statements need parameters that are bound by the server.
        server_side_binding=True,
        prepare_threshold=5 if env.bool("DATABASE_PREPARED_STATEMENTS", True) else None,
        options=f"-c statement_timeout={env.int('DATABASE_STATEMENT_TIMEOUT', 10_000)}",
    )
else:

    def sqlite_wal_is_safe(version: tuple[int, int, int]) -> bool:
        """Return whether this SQLite has the fix of the WAL corruption bug (3.51.3, 3.50.7 and 3.44.6)."""
        return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)

    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Without the WAL each commit has to wait for the disk; with it, only each checkpoint has to.
    _journal, _sync = ("wal", "normal") if sqlite_wal_is_safe(sqlite3.sqlite_version_info) else ("delete", "full")
    # Seconds. Opening the file at each request took as long as serving a cached page.
    _database["CONN_MAX_AGE"] = 60
    _database["OPTIONS"] = {
        # Without these two, half of concurrent writes failed with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # KiB of page cache for each connection. Two megabytes were no faster: the system caches the file as well.
        "init_command": f"PRAGMA journal_mode={_journal}; PRAGMA synchronous={_sync}; PRAGMA cache_size=-500;",
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, so that all workers share the counts of rate limits.
CACHES = {
    "default": {
        "BACKEND": "jobboard.caching.limits.LimitCache",
        "LOCATION": "cache",
        "KEY_FUNCTION": "jobboard.caching.limits.digest",
    },
    # The task worker writes its state twice a second, and the site does not read it.
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
# Whether recruiters can sign up; otherwise curators create their accounts.
SIGNUP_OPEN = env.bool("SIGNUP_OPEN", True)
# Days after which an account with an unconfirmed e-mail address is deleted.
UNCONFIRMED_ACCOUNT_DAYS = env.int("UNCONFIRMED_ACCOUNT_DAYS", 7)
# Whether permissions (of groups, staff and superusers) require a second factor in the session.
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", PRODUCTION)
ACCOUNT_ADAPTER = "jobboard.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# By a link, created when the mail is sent. The page of the link has a button that confirms, because mail scanners
# follow links. An account cannot sign in before.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
# Sign in after a confirmation in the browser that signed up.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# One address per account: a new one replaces it once it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
# Reauthenticate before a change of the address or of a second factor, and before the account is deleted.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Send no mail to an address without an account: the form could be used for spam. The page is the same in both cases.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Notify the user of a change of the password, the address or a second factor.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
# Counted in the database for all workers. Mails to one address are limited: visitors can enter any address. Passwords
# and codes are limited by jobboard/accounts/attempts.py: by the limits of allauth anyone could lock a user out.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "signup": "20/h/ip",
    "confirm_email": "1/3m/key,5/d/key",
    "reset_password": "20/h/ip",
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
# Steps of 30 seconds by which the clock of a phone may differ.
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
# Messages may contain names, and cookies are not encrypted.
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
# Recipients of the notifications of new contact requests.
TEAM_EMAILS = env.list("TEAM_EMAILS", default=[DEFAULT_FROM_EMAIL])
# Days after which the outbox deletes messages that were sent, cancelled or given up; they contain no address.
OUTBOX_RETENTION_DAYS = env.int("OUTBOX_RETENTION_DAYS", 30)

Q_CLUSTER = {
    "name": "jobboard",
    "label": "File de tâches",
    "orm": "default",
    "workers": env.int("TASK_WORKERS", 1),
    "poll": 0.5,
    "cache": "tasks",
    # Seconds. A task that runs longer than `timeout` is killed. A task that failed, or whose worker was killed, runs
    # again `retry` seconds after it was fetched from the queue, including the time it waited for up to two others.
    "timeout": 60,
    "retry": 180,
    "max_attempts": 10,
    "ack_failures": False,
    # Failed tasks are stored for the admin, successful ones are not.
    "save_limit": -1,
    "catch_up": False,
    "max_rss": 200_000,
}

# Days after which failed tasks are deleted.
TASK_RETENTION_DAYS = env.int("TASK_RETENTION_DAYS", 30)

# Contact --------------------------------------------------------------------------------------------------------------

PHONENUMBER_DEFAULT_REGION = "FR"
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"
# Days after the last contact when a contact request is deleted: of a recruiter (CNIL: three years), of anyone else.
LEAD_RETENTION_DAYS = env.int("LEAD_RETENTION_DAYS", 3 * 365)
CONTACT_RETENTION_DAYS = env.int("CONTACT_RETENTION_DAYS", 365)
# Messages per hour from one IPv4 address or one IPv6 /64 network.
CONTACT_LIMIT_PER_HOUR = env.int("CONTACT_LIMIT_PER_HOUR", 5)
# A form that is submitted fewer seconds after it was rendered is refused.
CONTACT_MINIMUM_DELAY = env.int("CONTACT_MINIMUM_DELAY", 3)
# Count of proxies in front of the site: the IP of the client is that entry of X-Forwarded-For, from the right.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1 if PRODUCTION else 0)

# Offers ---------------------------------------------------------------------------------------------------------------

# The search index of this host, which can be deleted at any time: it is rebuilt from the database.
SEARCH_DIR = Path(env.str("SEARCH_DIR", str(VAR_DIR / "search")))
# Worker processes that build the documents of a new index.
SEARCH_BUILD_PROCESSES = env.int("SEARCH_BUILD_PROCESSES", min(os.cpu_count() or 1, 4))
# Days from the publication or the renewal of an offer to its last day, which it stays online to the end.
OFFER_LIFETIME_DAYS = env.int("OFFER_LIFETIME_DAYS", 60)
# Whether an offer must state its pay to be submitted.
PAY_REQUIRED = env.bool("PAY_REQUIRED", True)
# Days during which the page of a closed offer answers 200; then 410.
OFFER_GONE_AFTER_DAYS = env.int("OFFER_GONE_AFTER_DAYS", 30)
# Days after which a mail asks the recruiter to confirm that an offer is still open.
CONFIRM_AFTER_DAYS = env.int("CONFIRM_AFTER_DAYS", 21)
# Days after which the daily counts of views are deleted: two years, to compare one with the previous one.
AUDIENCE_RETENTION_DAYS = env.int("AUDIENCE_RETENTION_DAYS", 2 * 365)

# Applications ---------------------------------------------------------------------------------------------------------

# Days after the decision, or after the offer is closed without one, when an application is deleted: about three months.
APPLICATION_RETENTION_DAYS = env.int("APPLICATION_RETENTION_DAYS", 90)
# The same after the last contact, for candidates who consent to it (CNIL: at most two years).
APPLICATION_CONSENT_RETENTION_DAYS = env.int("APPLICATION_CONSENT_RETENTION_DAYS", 2 * 365)
# Applications per hour from one IPv4 address or one IPv6 /64 network.
APPLICATION_LIMIT_PER_HOUR = env.int("APPLICATION_LIMIT_PER_HOUR", 20)
# Requests for the links to one's applications, per hour from one network, and mails with them to one e-mail address.
APPLICATION_LINKS_LIMIT_PER_HOUR = env.int("APPLICATION_LINKS_LIMIT_PER_HOUR", 10)
CV_MAX_BYTES = 5_000_000
# Command that reads a file from standard input and exits with 0 for a clean file, 1 for an infected one. Empty: none.
CV_ANTIVIRUS_COMMAND = env.str("CV_ANTIVIRUS_COMMAND", "")

# Alerts ---------------------------------------------------------------------------------------------------------------

# Days after which an unconfirmed or unsubscribed alert is deleted.
ALERT_UNCONFIRMED_DAYS = env.int("ALERT_UNCONFIRMED_DAYS", 7)
# Requests about alerts per hour from one network (IPv4 address or IPv6 /64), and mails per hour to one e-mail address.
ALERT_LIMIT_PER_HOUR = env.int("ALERT_LIMIT_PER_HOUR", 10)
# Maximum of alert mails per second of one task worker.
ALERT_MAILS_PER_SECOND = env.int("ALERT_MAILS_PER_SECOND", 20)

# Moderation -----------------------------------------------------------------------------------------------------------

# When mails tell moderators that something waits for them: "immediate", "daily" or "off".
MODERATION_MAILS = env.str("MODERATION_MAILS", "daily")
if MODERATION_MAILS not in {"immediate", "daily", "off"}:
    raise ImproperlyConfigured(f"MODERATION_MAILS is {MODERATION_MAILS!r}: it must be 'immediate', 'daily' or 'off'.")

# Reports --------------------------------------------------------------------------------------------------------------

# Days after the decision when a report is deleted: until then it can be contested.
REPORT_RETENTION_DAYS = env.int("REPORT_RETENTION_DAYS", 365)

# Publisher, for the legal pages ---------------------------------------------------------------------------------------

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
    # For the privacy page and the record of processing activities.
    "dpo": env.str("SITE_DPO", ""),
    "mail_provider": env.str("SITE_MAIL_PROVIDER", ""),
    "transfers": env.str("SITE_TRANSFERS", ""),
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
# Files of candidates, in a directory that no web server serves.
PRIVATE_DIR = Path(env.str("PRIVATE_DIR", str(VAR_DIR / "private")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "jobboard.storage.PrivateStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "jobboard.storage.StaticStorage"
        )
    },
}
# Maximum of a request body with files: a CV and its form. The proxy has the same limit.
MAX_BODY_BYTES = 6_000_000
# Maximum of a request body without files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# The admin form of a role profile with twenty rows in each list has a thousand fields, the default limit.
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
# Marks a browser that has signed in before: jobboard/accounts/attempts.py.
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "jobboard.views.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # With this prefix browsers accept a cookie only from this host over HTTPS, not from another subdomain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    # The load balancer requests the health check without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# Logs -----------------------------------------------------------------------------------------------------------------
# To standard error, redacted by jobboard/ops/logs.py. Error reports are not mailed: they would contain user input.


def without_traceback(record) -> bool:
    """Log a refused request, such as one with an unknown host, on one line. A filter: it accepts every record."""
    record.exc_info = None
    return True


def refused_without_traceback(record) -> bool:
    """Log a request that a view refuses, with status 403 or 400, on one line; errors 500 keep their traceback."""
    if record.levelno < logging.ERROR:
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
    "filters": {
        "short": {"()": "django.utils.log.CallbackFilter", "callback": without_traceback},
        "short_refusals": {"()": "django.utils.log.CallbackFilter", "callback": refused_without_traceback},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "refusals": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short"]},
        "requests": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short_refusals"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.request": {"handlers": ["requests"], "level": "INFO", "propagate": False},
        "django.security": {"handlers": ["refusals"], "level": "INFO", "propagate": False},
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
