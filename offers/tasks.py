"""What the task worker does for offers. Each may run twice, or die half-way, without harm."""

import logging
import smtplib
import time

from jobboard.mail import error_code, try_later
from offers import changes, decisions, expiry, freshness, team_mails
from offers.alerts import mails as alert_mails
from offers.alerts import sending
from offers.applying import answers, cv, intake, mails
from offers.models import Alert, Application, Audience, KeptUpload
from offers.reporting import mails as report_mails
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)

# One sweep begins nothing new after so many seconds: one look at a file may take 45 more, and a task is killed after
# Q_CLUSTER["timeout"].
SWEEP_SECONDS = 10


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def prune_changes():
    changes.prune()


def prune_audience():
    Audience.objects.past_retention().delete()


def send_application_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    mails.send(pk)


def send_application_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    mails.send_due()


def send_report_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    report_mails.send(pk)


def send_report_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    report_mails.send_due()


def ask_recruiters() -> None:
    """Ask whether offers still stand, and say which end. Scheduled every morning; repeating it says nothing twice."""
    freshness.run()


def send_freshness_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    freshness.send(pk)


def send_freshness_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    freshness.send_due()


def check_cv(pk: int) -> None:
    """Look at one file, right after it came in."""
    if application := Application.objects.cv_due().filter(pk=pk).first():
        cv.examine(application)


def check_cvs() -> None:
    """Look at what was not looked at in time. Scheduled every minute."""
    end = time.monotonic() + SWEEP_SECONDS
    for application in Application.objects.cv_due().order_by("cv_due_at")[:50]:
        cv.examine(application)
        if time.monotonic() > end:
            break


def forget_uploads() -> None:
    """Delete the files of forms that did not come back. Scheduled every ten minutes."""
    for upload in KeptUpload.objects.expired()[:500]:
        intake.forget(upload)


def measure_answers() -> None:
    """Write down how long candidates usually wait. Scheduled every day."""
    answers.measure()


def send_team_mail(event: str, *pks: int) -> None:
    """Send a mail about who works for a company."""
    team_mails.send(event, *pks)


def send_alerts() -> None:
    """Send the alerts whose turn has come, as many as there is time for. Scheduled every minute."""
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
        if not try_later("offers.tasks.send_alert_mail", event, pk, attempts=attempts):
            raise MailNotSent(error_code(error)) from None
        logger.warning("alert %d: try %d of its mail failed: %s", pk, attempts + 1, error_code(error))


def expire_offers() -> None:
    """Call what is over by its name. Scheduled every ten minutes."""
    expiry.run()


def send_decision_mail(event: int, attempts: int = 0) -> None:
    """Tell a company what the team decided of its offer, or have it tried again later."""
    try:
        decisions.send(event)
    except decisions.MailNotSent as error:
        if not try_later("offers.tasks.send_decision_mail", event, attempts=attempts):
            raise
        logger.warning("offer event %d: try %d of its mail failed: %s", event, attempts + 1, str(error))
