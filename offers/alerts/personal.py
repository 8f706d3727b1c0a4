"""Personal data of saved searches."""

from django.conf import settings

from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.registry import PersonalDataSource, filter_by_email, register
from offers.alerts.models import Alert, AlertDelivery

ALERTS = ProcessingActivity(
    title="Alertes par e-mail",
    purposes="Envoyer les nouvelles offres d’une recherche à la personne qui l’a demandé.",
    legal_basis="Consentement, confirmé par e-mail et retiré d’un clic (article 6.1 a du RGPD).",
    people="Personnes qui s’abonnent à une recherche.",
)


@register(Alert, "Alertes")
class AlertDataSource(PersonalDataSource):
    activity = ALERTS

    @property
    def retention(self):
        days = f"{settings.ALERT_UNCONFIRMED_DAYS}\u00a0jours"
        return f"{days} après leur arrêt, ou après la demande si personne ne la confirme"

    fields = [
        *("email", "label", "query", "frequency", "created_at", "confirmed_at", "paused_at", "unsubscribed_at"),
        "last_sent_at",
    ]

    def get_queryset(self, person):
        return filter_by_email(Alert.objects.all(), person)

    def past_retention(self, at):
        return Alert.objects.expired(at)


@register(AlertDelivery, "Offres envoyées par les alertes")
class AlertDeliveryDataSource(PersonalDataSource):
    activity = ALERTS
    retention = "aussi longtemps que l’alerte, ou que la page de l’offre"
    fields = ["alert", "offer", "mailed_at"]

    def get_queryset(self, person):
        return filter_by_email(AlertDelivery.objects.select_related("alert", "offer"), person, "alert__email")

    def past_retention(self, at):
        return AlertDelivery.objects.expired(at)
