"""URLs of public web pages that users enter: one parser for their validation, their storage and the host shown.

Browsers (the WHATWG standard), Python and people read unusual URLs differently: a browser opens evil.example for
`https://evil.example\\@www.linkedin.com/`. URLs are therefore accepted in a plain form only, which all of them read
alike: a scheme, a domain name without user, password, IP or port, and the rest.
"""

import re
import unicodedata
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models

MAX_LENGTH = 2_000
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
# A scheme as in “mailto:”, not a host with a port as in “exemple.fr:8443”.
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Browsers parse a host whose last label is a number, such as 0x7f000001, as an IPv4.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
# The letters that the registries of .fr and its neighbours accept; without ß, which browsers and Python encode
# differently.
_ACCENTED = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüýÿ")
_LOCAL = frozenset(["localhost", "local", "internal", "localdomain", "invalid"])
_is_email = EmailValidator()

ERRORS = {
    "scheme": "L’adresse d’une page commence par https:// ou http://.",
    "email": "C’est une adresse e-mail. Indiquez l’adresse d’une page web, qui commence par https://.",
    "character": "Cette adresse contient un caractère qui n’y a pas sa place\u00a0: «\u00a0%(character)s\u00a0».",
    "invisible": "Cette adresse contient un caractère invisible\u00a0: copiez-la depuis la barre du navigateur.",
    "space": "Cette adresse contient une espace\u00a0: copiez-la depuis la barre du navigateur.",
    "user": "Un identifiant suivi de «\u00a0@\u00a0» masque le vrai site de cette adresse\u00a0: retirez-le.",
    "port": "Cette adresse contient un numéro de port («\u00a0:%(port)s\u00a0»)\u00a0: retirez-le.",
    "ip": "Cette adresse désigne une machine par son numéro\u00a0: indiquez le nom du site.",
    "dot": "Le nom du site finit par un point\u00a0: retirez-le.",
    "alphabet": "Le nom de ce site mêle des lettres d’autres alphabets, qui peuvent en imiter un autre.",
    "host": "Le nom du site n’est pas valable. Exemple\u00a0: https://www.exemple.fr/emploi.",
    "max_length": f"Cette adresse compte %(length)s caractères\u00a0: {MAX_LENGTH:,} au plus.".replace(",", "\u00a0"),
}


class InvalidURL(ValueError):
    """`code` is a key of ERRORS."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code, self.params = code, params


class WebURL(NamedTuple):
    scheme: str
    # In ASCII: the name that is looked up in the DNS.
    host: str
    # Path, query string and fragment, as they were entered.
    rest: str

    def __str__(self):
        return f"{self.scheme}://{self.host}{self.rest}"


def parse(text: str) -> WebURL:
    """Parse an absolute http or https URL. Raises InvalidURL."""
    if len(text) > MAX_LENGTH:
        raise InvalidURL("max_length", length=len(text))
    _check_characters(text)
    scheme = _SCHEME.match(text)
    if not scheme:
        raise InvalidURL("email" if _looks_like_email(text) else "scheme")
    authority = re.match(r"[^/?#]*", text[scheme.end() :])[0]
    if "@" in authority:
        raise InvalidURL("email" if _looks_like_email(text[scheme.end() :].rstrip("/")) else "user")
    rest = text[scheme.end() + len(authority) :]
    return WebURL(scheme[1].lower(), _parse_host(authority, scheme[1].lower()), rest)


def normalize(text: str) -> str:
    """Return an entered URL in the form in which it is stored; without a scheme it is https. Raises InvalidURL."""
    text = text.strip()
    if not _SCHEME.match(text) and not _OTHER_SCHEME.match(text) and not text.startswith(("/", "\\")):
        if _looks_like_email(text):
            raise InvalidURL("email")
        text = f"https://{text}"
    return str(parse(text))


def web_host(url: str) -> str:
    """Return the host that a browser opens, with its accents, or the whole URL if it is not valid."""
    try:
        host = parse(url).host
    except InvalidURL:
        return url
    return ".".join(_decode_label(label) for label in host.split("."))


def _check_characters(text: str) -> None:
    for char in text:
        category = unicodedata.category(char)
        if category == "Zs":
            raise InvalidURL("space")
        # Controls, formats (bidi, zero width), surrogates, private use, unassigned, line and paragraph separators.
        if category[0] in "CZ":
            raise InvalidURL("invisible")
        if char in '\\<>"`':
            raise InvalidURL("character", character=char)


def _looks_like_email(text: str) -> bool:
    try:
        _is_email(text.removeprefix("mailto:"))
    except ValidationError:
        return False
    return True


def _parse_host(authority: str, scheme: str) -> str:
    if authority.startswith("["):
        raise InvalidURL("ip")
    host, colon, port = authority.partition(":")
    # The default port is the same URL.
    if colon and port not in {"", "443" if scheme == "https" else "80"}:
        raise InvalidURL("port", port=port)
    host = unicodedata.normalize("NFC", host).lower()
    if host.endswith("."):
        raise InvalidURL("dot")
    labels = [_encode_label(label) for label in host.split(".")]
    if _NUMBER.fullmatch(labels[-1]):
        raise InvalidURL("ip")
    if len(labels) < 2 or len(labels[-1]) < 2 or labels[-1] in _LOCAL or len(".".join(labels)) > 253:
        raise InvalidURL("host")
    return ".".join(labels)


def _encode_label(label: str) -> str:
    """Return a label of a host in ASCII."""
    letters = _decode_label(label)
    if any(char not in _ACCENTED and not char.isascii() for char in letters):
        raise InvalidURL("alphabet")
    try:
        encoded = letters if letters.isascii() else letters.encode("idna").decode()
    except UnicodeError:
        # Too long.
        raise InvalidURL("host") from None
    if (letters != label and encoded != label) or not _LABEL.fullmatch(encoded):
        raise InvalidURL("host")
    # The third and fourth character are hyphens in Punycode only.
    if encoded[2:4] == "--" and letters.isascii():
        raise InvalidURL("host")
    return encoded


def _decode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        raise InvalidURL("host") from None


def _validation_error(error: InvalidURL, messages: dict) -> ValidationError:
    return ValidationError(messages.get(error.code, ERRORS[error.code]), code=error.code, params=error.params)


def validate_web_url(url: str) -> None:
    try:
        parse(url)
    except InvalidURL as error:
        raise _validation_error(error, ERRORS) from None


def validate_https(url: str) -> None:
    if not url.startswith("https://"):
        raise ValidationError("Une adresse qui commence par https:// est attendue.", code="https")


class WebURLInput(forms.TextInput):
    """A text field with the keyboard for URLs. Browsers refuse URLs without a scheme in fields of the type `url`."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "url", "autocapitalize": "none", "spellcheck": "false", **(attrs or {})})


class WebURLFormField(forms.CharField):
    widget = WebURLInput
    default_error_messages = ERRORS

    def widget_attrs(self, widget):
        # Without maxlength: browsers cut a longer URL off without a word when it is pasted.
        return {key: value for key, value in super().widget_attrs(widget).items() if key != "maxlength"}

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return text
        try:
            return normalize(text)
        except InvalidURL as error:
            raise _validation_error(error, self.error_messages) from None


class WebURLField(models.URLField):
    """The URL of a public web page."""

    default_validators = [validate_web_url]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": MAX_LENGTH, **kwargs})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if self.max_length == MAX_LENGTH:
            kwargs.pop("max_length", None)
        else:
            kwargs["max_length"] = self.max_length
        return name, path, args, kwargs

    def formfield(self, **kwargs):
        # The validators of the model field run with the model; the form field reports the first error only.
        return super(models.URLField, self).formfield(**{"form_class": WebURLFormField, **kwargs})
