from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    name = "offers.companies"
    verbose_name = "Entreprises"
