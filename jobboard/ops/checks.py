"""System checks of `check --deploy` for production settings."""

from django.conf import settings
from django.core.checks import Tags, Warning, register

# Entries of the legal notice required by law (LCEN, article 1-1), and the environment variable of each.
IDENTITY = {
    "publisher": "SITE_PUBLISHER",
    "address": "SITE_ADDRESS",
    "email": "SITE_EMAIL",
    "publication_director": "SITE_PUBLICATION_DIRECTOR",
    "host": "SITE_HOST",
}
# What GDPR, articles 13 and 30, asks to state, if only that there is none.
PRIVACY = {"dpo": "SITE_DPO", "transfers": "SITE_TRANSFERS"}


@register(Tags.security, deploy=True)
def identity_is_complete(app_configs, **kwargs):
    return [
        Warning(
            f"The legal notice does not name the {key.replace('_', ' ')}.",
            hint=f"Set {variable}: see docs/configuration.md.",
            id=f"jobboard.W00{index}",
        )
        for index, (key, variable) in enumerate(IDENTITY.items(), 1)
        if not settings.SITE_IDENTITY[key]
    ]


@register(Tags.security, deploy=True)
def privacy_statements_are_complete(app_configs, **kwargs):
    return [
        Warning(
            f"The record of processing activities has no entry for {variable}.",
            hint=f"Set {variable}, to “aucun” if there is none: see docs/configuration.md.",
            id=f"jobboard.W0{index}",
        )
        for index, (key, variable) in enumerate(PRIVACY.items(), 15)
        if not settings.SITE_IDENTITY[key]
    ]


@register(Tags.database, deploy=True)
def database_is_postgresql(app_configs, **kwargs):
    if settings.PRODUCTION and settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return [
            Warning(
                "The production database is SQLite.",
                hint="Suitable for one host with few writes; otherwise set DATABASE_URL to a PostgreSQL server.",
                id="jobboard.W010",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def trusted_proxies_are_set(app_configs, **kwargs):
    if settings.PRODUCTION and settings.TRUSTED_PROXIES < 1:
        return [
            Warning(
                "TRUSTED_PROXIES is 0: every visitor has the IP of the proxy, so that all share one rate limit.",
                hint="Set it to the number of proxies in front of the site, usually 1: see docs/deployment.md.",
                id="jobboard.W011",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def site_url_is_secure(app_configs, **kwargs):
    """Check that SITE_URL, the base of links in mails, uses HTTPS, and that host names are restricted."""
    if not settings.PRODUCTION:
        return []
    problems = []
    if not settings.SITE_URL.startswith("https://"):
        problems.append(Warning("SITE_URL does not start with https://.", id="jobboard.W012"))
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(Warning("ALLOWED_HOSTS accepts any host name.", id="jobboard.W013"))
    return problems


@register(Tags.security, deploy=True)
def staff_mfa_is_required(app_configs, **kwargs):
    if settings.PRODUCTION and not settings.STAFF_MFA_REQUIRED:
        return [
            Warning(
                "STAFF_MFA_REQUIRED is off: a password alone gives access to the admin and to all applications.",
                hint="Leave it on in production; docs/operations.md describes how to reset a lost second factor.",
                id="jobboard.W014",
            )
        ]
    return []
