"""The registry of mail kinds: each app declares in its module `mails` how its mails are rendered when they are sent.

    @mail_kind("contact.acknowledgement", "accusé de réception")
    def acknowledgement(lead: int) -> Mail | None:
        ...

A renderer takes the context of the outbox message, primary keys and small values, as keyword arguments. It returns None
when the mail is no longer due, for instance when a row has been deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Mail:
    """What one mail says and to whom.

    `template` is the path of `<template>_subject.txt` and `<template>_body.txt`. Without `to`, the mail goes to the
    recipient of the outbox message; an empty list sends nothing.
    """

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    to: list[str] | None = None
    reply_to: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MailKind:
    """A registered kind of mail. `rate_limit` names the setting that bounds its mails per second."""

    name: str
    label: str
    render: Callable[..., Mail | None]
    rate_limit: str = ""
    on_refused: Callable[..., None] | None = None


_kinds: dict[str, MailKind] = {}


def mail_kind(name: str, label: str, *, rate_limit: str = "", on_refused: Callable[..., None] | None = None):
    """Register the decorated function as the renderer of the kind `name` (“app.event”), called `label` in the admin.

    Kinds with a `rate_limit` are bulk mail and leave after all others. `on_refused` is called with the context when
    the last attempt of a mail was refused by the server.
    """

    def decorate(render: Callable[..., Mail | None]):
        if name in _kinds:
            raise ValueError(f"the mail kind {name} is registered already")
        _kinds[name] = MailKind(name, label, render, rate_limit, on_refused)
        return render

    return decorate


def get_kind(name: str) -> MailKind:
    """Return a registered kind. Raises LookupError."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"no mail kind {name}") from None


def registered_kinds() -> list[MailKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def bulk_kinds() -> list[str]:
    """Return the names of the rate-limited kinds."""
    return [kind.name for kind in _kinds.values() if kind.rate_limit]


def absolute_url(path: str) -> str:
    """Return the URL of a path of the site: a mail has no request to take the host from."""
    return settings.SITE_URL + path


def autodiscover() -> None:
    """Import the module `mails` of each app."""
    autodiscover_modules("mails")
