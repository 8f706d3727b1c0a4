"""What `check --deploy` says about a real site, beyond Django's own checks."""

from django.conf import settings
from django.core.checks import Tags, Warning, register

# What the law wants named on the site (LCEN, article 1-1), and the variable that names it.
IDENTITY = {
    "publisher": "SITE_PUBLISHER",
    "address": "SITE_ADDRESS",
    "email": "SITE_EMAIL",
    "publication_director": "SITE_PUBLICATION_DIRECTOR",
    "host": "SITE_HOST",
}


@register(Tags.security, deploy=True)
def identity_is_complete(app_configs, **kwargs):
    return [
        Warning(
            f"The legal notice does not name the {key.replace('_', ' ')}.",
            hint=f"Set {variable}: see docs/configuration.md.",
            id=f"jobboard.W00{number}",
        )
        for number, (key, variable) in enumerate(IDENTITY.items(), 1)
        if not settings.SITE_IDENTITY[key]
    ]


@register(Tags.database, deploy=True)
def database_is_a_server(app_configs, **kwargs):
    if settings.PRODUCTION and settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return [
            Warning(
                "A real site runs on a SQLite file.",
                hint="Fine for one host with few writes; else point DATABASE_URL at PostgreSQL.",
                id="jobboard.W010",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def proxies_are_counted(app_configs, **kwargs):
    if settings.PRODUCTION and settings.TRUSTED_PROXIES < 1:
        return [
            Warning(
                "TRUSTED_PROXIES is 0: the site takes the proxy's address for every visitor's, so that one visitor "
                "uses up the limits of all.",
                hint="Set it to the number of proxies before the site, usually 1: see docs/deployment.md.",
                id="jobboard.W011",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def addresses_agree(app_configs, **kwargs):
    """Links in mails go to SITE_URL: it must be one of the names that the site answers to, over TLS."""
    if not settings.PRODUCTION:
        return []
    problems = []
    if not settings.SITE_URL.startswith("https://"):
        problems.append(Warning("SITE_URL does not start with https://.", id="jobboard.W012"))
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(Warning("ALLOWED_HOSTS lets any host name pass.", id="jobboard.W013"))
    return problems


@register(Tags.security, deploy=True)
def staff_shows_a_second_factor(app_configs, **kwargs):
    if settings.PRODUCTION and not settings.STAFF_MFA_REQUIRED:
        return [
            Warning(
                "STAFF_MFA_REQUIRED is off: a password alone opens the admin.",
                hint="Leave it on in production; a lost telephone is what docs/operations.md has an answer to.",
                id="jobboard.W014",
            )
        ]
    return []
