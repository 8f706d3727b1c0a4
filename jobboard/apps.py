from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class JobboardConfig(AppConfig):
    name = "jobboard"
    verbose_name = "Jobboard"

    def ready(self):
        from jobboard import lookups  # noqa: F401 - registers the lookups
        from jobboard.ops import checks  # noqa: F401 - registers the checks
        from jobboard.privacy.registry import autodiscover

        autodiscover()


class SiteAdminConfig(AdminConfig):
    """Use SiteAdmin as the default admin site."""

    default_site = "jobboard.admin.SiteAdmin"
