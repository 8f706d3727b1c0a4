from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "offers.moderation"
    verbose_name = "Modération"
