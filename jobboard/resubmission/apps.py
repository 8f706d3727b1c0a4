from django.apps import AppConfig


class ResubmissionConfig(AppConfig):
    name = "jobboard.resubmission"
    label = "resubmission"
    verbose_name = "Saisies interrompues"
