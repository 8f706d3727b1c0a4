from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "jobboard.mail"
    label = "mail"
    verbose_name = "E-mails"

    def ready(self):
        from jobboard.mail.kinds import autodiscover

        autodiscover()
