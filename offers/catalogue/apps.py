from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "offers.catalogue"
    verbose_name = "Pages des offres"
