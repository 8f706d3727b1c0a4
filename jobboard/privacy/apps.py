from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "jobboard.privacy"
    label = "privacy"
    verbose_name = "Données personnelles"
