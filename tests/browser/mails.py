"""The mails that a site of the browser tests has sent."""

import email
import email.policy
import re
from email.message import EmailMessage

from tests.waiting import wait_until

# Seconds for the task worker to send a mail, and between two reads of the sent mails.
TIMEOUT, INTERVAL = 60, 0.25


def messages_to(site, address: str) -> list[EmailMessage]:
    """Return the sent messages to `address`, oldest first."""
    messages = [email.message_from_string(text, policy=email.policy.default) for text in site.mails]
    return [message for message in messages if message["To"] == address]


def body_text(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def wait_for_mail(site, address: str, count: int) -> str:
    """Return the text of the `count`th message to `address` as soon as it is sent."""
    wait_until(lambda: len(messages_to(site, address)) >= count, TIMEOUT, INTERVAL)
    return body_text(messages_to(site, address)[count - 1])


def find_path(text: str, prefix: str) -> str | None:
    """Return the path of the first link whose path starts with `prefix`."""
    match = re.search(rf"https?://[^/\s]+({prefix}\S+)", text)
    return match and match[1]


def wait_for_link(site, address: str, prefix: str) -> str:
    """Return the path of a link in the newest message to `address` that has one with this prefix."""
    paths = []

    def search():
        texts = [body_text(message) for message in reversed(messages_to(site, address))]
        paths[:] = [path for text in texts if (path := find_path(text, prefix))]
        return paths

    wait_until(search, TIMEOUT, INTERVAL)
    return paths[0]
