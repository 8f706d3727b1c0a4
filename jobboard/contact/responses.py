"""Responses of public forms, shared by the capabilities that have one."""

from jobboard.contact.models import RateLimitExceeded
from jobboard.text.dates import waiting_time


def too_many_requests(error: RateLimitExceeded, form, text: str, render):
    """Return the form with its values and an error, as 429 with Retry-After in seconds.

    `text` tells the delay where it has `{delay}`; `render(status)` renders the page of the form.
    """
    form.add_error(None, text.format(delay=waiting_time(error.retry_after)))
    response = render(429)
    response["Retry-After"] = error.retry_after
    return response
