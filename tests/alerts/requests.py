"""Request alerts through the pages, and send the mails that the requests queue."""

import re

from django_q.models import OrmQ

from jobboard.mail.tasks import send_outbox


def form_token(page) -> str:
    return re.search(r'name="form_token" value="([^"]*)"', page.content.decode())[1]


def post_alert_form(client, query="", **values):
    """Open the form for the search `query`, submit it, and return the response."""
    url = f"/alertes/nouvelle/?{query}"
    values = {
        "email": "anne@example.org",
        "frequency": "daily",
        "form_token": form_token(client.get(url)),
        **values,
    }
    return client.post(url, values)


def send_queued() -> None:
    """Send the outbox, and delete the tasks that would send it."""
    send_outbox()
    OrmQ.objects.all().delete()
