from django.apps import AppConfig


class IndexingConfig(AppConfig):
    name = "offers.indexing"
    verbose_name = "Indexation"
