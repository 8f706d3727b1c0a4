"""Personal data of saved searches."""

from django.conf import settings

from jobboard.privacy.registry import Part, by_address, register
from offers.alerts.models import Alert, AlertDelivery


@register(Alert, "Alertes")
class Alerts(Part):
    @property
    def retention(self):
        days = f"{settings.ALERT_UNCONFIRMED_DAYS}\u00a0jours"
        return f"{days} après leur arrêt, ou après la demande si personne ne la confirme"

    fields = [
        *("email", "label", "query", "frequency", "created_at", "confirmed_at", "paused_at", "unsubscribed_at"),
        "last_sent_at",
    ]

    def of(self, person):
        return by_address(Alert.objects.all(), person)

    def overdue(self, at):
        return Alert.objects.expired(at)


@register(AlertDelivery, "Offres envoyées par les alertes")
class AlertDeliveries(Part):
    retention = "aussi longtemps que l’alerte, ou que la page de l’offre"
    fields = ["alert", "offer", "mailed_at"]

    def of(self, person):
        return by_address(AlertDelivery.objects.select_related("alert", "offer"), person, "alert__email")

    def overdue(self, at):
        return AlertDelivery.objects.expired(at)
