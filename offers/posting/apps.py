from django.apps import AppConfig


class PostingConfig(AppConfig):
    name = "offers.posting"
    verbose_name = "Espace recruteur"
