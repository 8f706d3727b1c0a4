"""The registry of mail kinds. Each app registers the renderers of its mails in its module `mails`.

    @mail_kind("contact.acknowledgement", "accusé de réception")
    def acknowledgement(lead: int) -> Mail | None:
        ...

A renderer is called when the mail is sent, with the context of the outbox message as keyword arguments. It returns None
if the mail is no longer due, for example because its row has been deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Mail:
    """The templates, context, recipients and headers of a mail.

    `template` is the path of `<template>_subject.txt` and `<template>_body.txt`. If `to` is None, the mail is sent to
    the recipient of the outbox message; if it is empty, the mail is cancelled.
    """

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    to: list[str] | None = None
    reply_to: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MailKind:
    """A registered kind of mail. `rate_limit` is the name of the setting with its maximum of mails per second."""

    name: str
    label: str
    render: Callable[..., Mail | None]
    rate_limit: str = ""
    on_refused: Callable[..., None] | None = None


_kinds: dict[str, MailKind] = {}


def mail_kind(name: str, label: str, *, rate_limit: str = "", on_refused: Callable[..., None] | None = None):
    """Register the decorated function as the renderer of the kind `name` (“app.event”), called `label` in the admin.

    Kinds with a `rate_limit` are bulk mail, sent after all others. `on_refused` is called with the context of a mail
    whose last attempt the server has refused.
    """

    def decorate(render: Callable[..., Mail | None]):
        if name in _kinds:
            raise ValueError(f"the mail kind {name} is registered already")
        _kinds[name] = MailKind(name, label, render, rate_limit, on_refused)
        return render

    return decorate


def get_kind(name: str) -> MailKind:
    """Return a registered kind. Raise LookupError if there is none."""
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
    """Return the absolute URL of a path. Mails have no request to build it from."""
    return settings.SITE_URL + path


def autodiscover() -> None:
    """Import the module `mails` of each app."""
    autodiscover_modules("mails")
