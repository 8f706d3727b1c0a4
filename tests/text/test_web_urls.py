"""URLs that users enter: accepted when browsers, Python and people read them alike, else refused with the reason."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError

from jobboard.text.web_urls import (
    ERRORS,
    MAX_LENGTH,
    InvalidURL,
    WebURLFormField,
    normalize,
    parse,
    validate_web_url,
    web_host,
)

WORKDAY = (
    "https://exemple.wd3.myworkdayjobs.com/fr-FR/Carrieres/job/Lyon/Developpeur-Python_JR-0012345/apply?"
    "source=APPLICANT_SOURCE-3-123&utm_source=jobboard&utm_medium=cpc&utm_campaign=it-2026&gclid=" + "a" * 140
)
ACCEPTED = {
    "https://exemple.fr": ("https://exemple.fr", "exemple.fr"),
    "http://www.exemple.fr/": ("http://www.exemple.fr/", "www.exemple.fr"),
    "exemple.fr/emploi": ("https://exemple.fr/emploi", "exemple.fr"),
    " https://exemple.fr/a \n": ("https://exemple.fr/a", "exemple.fr"),
    "HTTPS://WWW.Exemple.FR/Emploi?Id=A#Haut": ("https://www.exemple.fr/Emploi?Id=A#Haut", "www.exemple.fr"),
    "https://exemple.fr?q=rh@exemple.fr": ("https://exemple.fr?q=rh@exemple.fr", "exemple.fr"),
    "https://exemple.fr/@equipe:1": ("https://exemple.fr/@equipe:1", "exemple.fr"),
    "https://exemple.fr:443/a": ("https://exemple.fr/a", "exemple.fr"),
    "http://exemple.fr:80/a": ("http://exemple.fr/a", "exemple.fr"),
    "https://exemple.fr/développeur": ("https://exemple.fr/développeur", "exemple.fr"),
    "https://société.fr/": ("https://xn--socit-esab.fr/", "société.fr"),
    "https://socie\u0301te\u0301.fr/": ("https://xn--socit-esab.fr/", "société.fr"),
    "https://xn--socit-esab.fr/": ("https://xn--socit-esab.fr/", "société.fr"),
    "https://3ds.com": ("https://3ds.com", "3ds.com"),
    "https://1.exemple.fr": ("https://1.exemple.fr", "1.exemple.fr"),
    # Browsers read the Kelvin sign as the letter, which is stored.
    "https://\u212aelvin.example/": ("https://kelvin.example/", "kelvin.example"),
    WORKDAY: (WORKDAY, "exemple.wd3.myworkdayjobs.com"),
}
REFUSED = {
    "rh@exemple.fr": "email",
    "mailto:rh@exemple.fr": "email",
    "https://rh@exemple.fr": "email",
    "https://rh@exemple.fr/": "email",
    "https://rh@exemple.fr/postuler": "user",
    r"https://evil.example\@www.linkedin.com/": "character",
    r"https:\\exemple.fr": "character",
    r"\\exemple.fr\partage": "character",
    r"https://exemple.fr/a\b": "character",
    "https://www.linkedin.com@evil.example/": "email",
    "https://www.linkedin.com:secret@evil.example/": "user",
    "https://www.linkedin.com%40evil.example/": "host",
    "https://127.0.0.1/": "ip",
    "127.0.0.1": "ip",
    "https://2130706433/": "ip",
    "https://0x7f.1/": "ip",
    "https://0x7f000001": "ip",
    "https://0177.0.0.1/": "ip",
    "https://127.1": "ip",
    "https://www.exemple.0x": "ip",
    "https://[::1]/": "ip",
    "https://[::ffff:127.0.0.1]:80/": "ip",
    "https://exemple.fr:8443/": "port",
    "exemple.fr:8443": "port",
    "https://exemple.fr:abc/": "port",
    "https://exemple.fr./": "dot",
    "https://www.linkеdin.com/": "alphabet",
    "https://аррӏе.com/": "alphabet",
    "https://www.xn--linkdin-r8g.com/": "alphabet",
    "https://xn--80ak6aa92e.com/": "alphabet",
    "https://exemple。fr/": "alphabet",
    "https://ｅxemple.fr/": "alphabet",
    "https://straße.de/": "alphabet",
    "https://ⓛinkedin.com/": "alphabet",
    "https://lınkedin.com/": "alphabet",
    "https://xn--a/": "alphabet",
    "https://xn--abc.fr/": "alphabet",
    "https://ab--cd.fr/": "host",
    "https://localhost/": "host",
    "https://intranet/": "host",
    "https://serveur.local/": "host",
    "https://": "host",
    "https:///exemple.fr": "host",
    "https://exemple..fr/": "host",
    "https://-exemple.fr/": "host",
    "https://exemple_rh.fr/": "host",
    "https://exem%70le.fr/": "host",
    f"https://{'a' * 64}.fr/": "host",
    f"https://{'é' * 80}.fr/": "host",
    f"https://{'.'.join(['a' * 60] * 5)}.fr/": "host",
    "https://exemple.fr\t.evil.example/": "invisible",
    "https://exemple.fr/\u202egpj.exe": "invisible",
    "https://exem\u200bple.fr/": "invisible",
    "https://exem\u00adple.fr/": "invisible",
    "https://exemple.fr/a\r\nSet-Cookie: a": "invisible",
    "https://exemple.fr/a b": "space",
    "https://exemple.fr/a\u00a0b": "space",
    'https://exemple.fr/"onclick': "character",
    "https://exemple.fr/<b>": "character",
    "javascript:alert(1)": "scheme",
    "JavaScript://exemple.fr/%0Aalert(1)": "scheme",
    "data:text/html,x": "scheme",
    "ftp://exemple.fr/": "scheme",
    "//exemple.fr/": "scheme",
    "https:exemple.fr": "scheme",
    "https:/exemple.fr": "scheme",
    "/emploi": "scheme",
    "https://exemple.fr/" + "a" * MAX_LENGTH: "max_length",
}


@pytest.mark.parametrize("text", ACCEPTED)
def test_plain_url_is_accepted_and_shows_the_host_that_it_opens(text):
    url, host = ACCEPTED[text]
    assert WebURLFormField().clean(text) == normalize(text) == url
    # Stored URLs are stable, valid, and read alike by Python.
    assert normalize(url) == url
    validate_web_url(url)
    assert web_host(url) == host
    assert urlsplit(url).hostname == urlsplit(url).netloc == parse(url).host


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:50])
def test_ambiguous_url_is_refused_with_the_reason(text):
    field = WebURLFormField()
    with pytest.raises(ValidationError) as error:
        field.clean(text)
    assert error.value.code == REFUSED[text]
    (message,) = error.value.messages
    assert "%(" not in message
    assert not re.search(r"[^\xa0«][:;?!»]\s", message), "no-break spaces before double punctuation"
    # Models and the admin refuse it too; it would be shown as what it is.
    with pytest.raises(ValidationError):
        validate_web_url(text)
    assert web_host(text) == text


def test_url_without_a_scheme_is_not_stored_by_models():
    with pytest.raises(ValidationError, match="commence par https://"):
        validate_web_url("exemple.fr")


def test_two_thousand_characters_are_accepted_and_not_cut_by_the_browser():
    url = "https://exemple.fr/".ljust(MAX_LENGTH, "a")
    field = WebURLFormField(max_length=MAX_LENGTH)
    assert field.clean(url) == url
    assert "maxlength" not in field.widget.attrs
    with pytest.raises(ValidationError) as error:
        field.clean(url + "a")
    assert error.value.messages == ["Cette adresse compte 2001 caractères\xa0: 2\xa0000 au plus."]


def test_browsers_accept_a_url_without_a_scheme():
    html = str(WebURLFormField().widget.render("website", "exemple.fr"))
    assert 'type="text"' in html
    assert 'inputmode="url"' in html


def test_empty_field_is_empty():
    assert WebURLFormField(required=False).clean("  ") == ""


def test_every_error_has_a_case():
    assert set(REFUSED.values()) == set(ERRORS)


def test_errors_of_the_parser_are_its_own():
    with pytest.raises(InvalidURL):
        parse("")
