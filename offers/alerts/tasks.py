import logging
import smtplib

from jobboard.mail import error_code, try_later
from offers.alerts import mails as alert_mails
from offers.alerts import sending
from offers.alerts.models import Alert
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def send_alerts() -> None:
    """Send the due alerts, as many as the time limit allows. Scheduled every minute."""
    try:
        sending.run()
    except SearchUnavailable:
        logger.error("alerts wait: this host has no index that serves")


def send_alert_mail(event: str, pk: int, attempts: int = 0) -> None:
    """Send what somebody asked for, “confirm” or “manage”, or have it tried again later."""
    alert = Alert.objects.active().filter(pk=pk).first()
    if alert is None or (event == "confirm" and alert.confirmed_at):
        return
    mail = alert_mails.confirmation(alert) if event == "confirm" else alert_mails.management(alert)
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        if not try_later("offers.alerts.tasks.send_alert_mail", event, pk, attempts=attempts):
            raise MailNotSent(error_code(error)) from None
        logger.warning("alert %d: try %d of its mail failed: %s", pk, attempts + 1, error_code(error))
