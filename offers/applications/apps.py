from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "offers.applications"
    verbose_name = "Candidatures"
