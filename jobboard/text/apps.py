from django.apps import AppConfig


class TextConfig(AppConfig):
    name = "jobboard.text"
    label = "text"
    verbose_name = "Texte"
