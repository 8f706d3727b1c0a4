"""Mail the links to the status pages of all applications of an e-mail address.

The response does not reveal whether the address has any; only the mail depends on it.
"""

from django.db import transaction

from jobboard.contact.link_requests import LinkRequestLimit
from jobboard.mail.outbox import queue_mail
from offers.applications.models import Application

LIMIT = LinkRequestLimit("application-links", "APPLICATION_LINKS_LIMIT_PER_HOUR")


def request_links(email: str, network: str) -> None:
    """Queue the mail, if there are applications. Raise RateLimitExceeded when `network` exceeds its rate limit."""
    with transaction.atomic():
        LIMIT.count_request(network)
        newest = Application.objects.of(email).newest_first().first()
        if newest and LIMIT.may_mail(email):
            queue_mail("applications.links", application=newest.pk)
