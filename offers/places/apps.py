from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "offers.places"
    verbose_name = "Communes"
