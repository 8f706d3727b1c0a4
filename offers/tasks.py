import logging
import smtplib

from offers import changes
from offers.alerts import mails, sending
from offers.models import Alert, Audience
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def prune_changes():
    changes.prune()


def prune_audience():
    Audience.objects.past_retention().delete()


def send_alerts() -> None:
    """Send the alerts whose turn has come, as many as there is time for. Scheduled every minute."""
    try:
        sending.run()
    except SearchUnavailable:
        logger.error("alerts wait: this host has no index that serves")


def send_alert_mail(event: str, pk: int) -> None:
    """Send what somebody asked for, “confirm” or “manage”; raise for the queue to try again later."""
    alert = Alert.objects.active().filter(pk=pk).first()
    if alert is None or (event == "confirm" and alert.confirmed_at):
        return
    mail = mails.confirmation(alert) if event == "confirm" else mails.management(alert)
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(sending.code(error)) from None
