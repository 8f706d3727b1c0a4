import logging

from jobboard.mail import try_later
from offers.moderation import decisions
from offers.moderation.reporting import mails as report_mails

logger = logging.getLogger(__name__)


def send_report_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    report_mails.send(pk)


def send_report_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    report_mails.send_due()


def send_decision_mail(event: int, attempts: int = 0) -> None:
    """Tell a company what the team decided of its offer, or have it tried again later."""
    try:
        decisions.send(event)
    except decisions.MailNotSent as error:
        if not try_later("offers.moderation.tasks.send_decision_mail", event, attempts=attempts):
            raise
        logger.warning("offer event %d: try %d of its mail failed: %s", event, attempts + 1, str(error))
