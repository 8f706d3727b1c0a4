from django.apps import AppConfig


class ContactConfig(AppConfig):
    name = "jobboard.contact"
    label = "contact"
    verbose_name = "Contact"
