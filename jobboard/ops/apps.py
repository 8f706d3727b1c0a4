from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "jobboard.ops"
    verbose_name = "Exploitation"
