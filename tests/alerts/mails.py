"""Read the mails of alerts, and make the next ones due."""

import re
from urllib.parse import urlsplit

from django.utils import timezone

from offers.alerts.models import Alert
from tests.mail.outbox import due_again


def offer_titles(message) -> list[str]:
    """Return the titles of the offers in a mail: one of `mail.outbox`, or one that the SMTP server accepted."""
    if hasattr(message, "body"):
        text = message.body
    else:
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    return re.findall(r"^(.+) \(H/F\)$", text, re.MULTILINE)


def link_path(message, page: str) -> str:
    """Return the path of the link to `/alertes/<page>/` in a mail."""
    return urlsplit(re.search(rf"https://emploi\.example(/alertes/{page}/\S+)", message.body)[0]).path


def make_due() -> None:
    """Make the active alerts and the pending messages due now."""
    Alert.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    due_again()
