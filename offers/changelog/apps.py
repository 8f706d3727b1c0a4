from django.apps import AppConfig


class ChangelogConfig(AppConfig):
    name = "offers.changelog"
    verbose_name = "Journal des changements"
