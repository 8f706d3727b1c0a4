from django.apps import AppConfig


class UnderstandingConfig(AppConfig):
    name = "offers.understanding"
    verbose_name = "Compréhension des recherches"
