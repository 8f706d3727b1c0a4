from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class JobboardConfig(AppConfig):
    name = "jobboard"
    verbose_name = "Jobboard"

    def ready(self):
        from jobboard import lookups  # noqa: F401 - registers them
        from jobboard.ops import checks  # noqa: F401 - registers them
        from jobboard.privacy.registry import autodiscover

        autodiscover()


class SiteAdminConfig(AdminConfig):
    """The admin with our own front page: what waits for a curator."""

    default_site = "jobboard.admin.SiteAdmin"
