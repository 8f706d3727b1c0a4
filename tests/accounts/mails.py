"""What the task worker does with the mails of accounts, at once."""

import re

from django.core import mail
from django.utils.module_loading import import_string
from django_q.models import OrmQ


def deliver() -> list:
    """Do what is in the queue; the mails that left."""
    before = len(mail.outbox)
    for row in OrmQ.objects.order_by("pk"):
        import_string(row.task["func"])(*row.task["args"])
        row.delete()
    return mail.outbox[before:]


def link_in(message) -> str:
    """The path of the link that a mail is about."""
    return re.search(r"https?://[^/]+(/compte/\S+)", message.body)[1]
