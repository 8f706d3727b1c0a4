from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "offers.search"
    verbose_name = "Recherche"
