from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "offers.alerts"
    verbose_name = "Alertes"
