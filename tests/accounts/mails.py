"""Send the queued mails of accounts, and read their links."""

import re

from django.core import mail
from django.utils.module_loading import import_string
from django_q.models import OrmQ


def deliver() -> list:
    """Run the queued tasks, and return the mails that they sent."""
    before = len(mail.outbox)
    for row in OrmQ.objects.order_by("pk"):
        import_string(row.task["func"])(*row.task["args"])
        row.delete()
    return mail.outbox[before:]


def link_path(message) -> str:
    """Return the path of the first link to a page of the account in a mail."""
    return re.search(r"https?://[^/]+(/compte/\S+)", message.body)[1]
