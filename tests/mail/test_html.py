"""The HTML alternative of a mail: made from the text, with the palette of the site, without external resources."""

import re
from html.parser import HTMLParser

import pytest
from django.core import mail

from jobboard.mail.html import Block, Segment, parse, render_html
from jobboard.mail.outbox import queue_mail
from jobboard.mail.tasks import send_outbox
from jobboard.palette import palette
from tests.factories import make_lead, make_user

SITE = "https://emploi.example"
LONG = "Une phrase bien trop longue pour être le nom d’un bouton, quoi qu’on en dise"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def simplify(blocks) -> list:
    """Return (label, url) for each button, and the text of the lines for each other block."""
    return [
        (block.label, block.url) if block.url else ["".join(piece.text for piece in line) for line in block.lines]
        for block in blocks
    ]


def test_text_is_split_into_paragraphs_and_lines():
    assert simplify(parse("Bonjour,\n\nUn\nDeux\n\n\n\nTrois\n")) == [["Bonjour,"], ["Un", "Deux"], ["Trois"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Se connecter\u00a0:\n{SITE}/compte/", [("Se connecter", f"{SITE}/compte/")]),
        (
            f"Ce n’était pas vous\u00a0? Prévenez-nous\u00a0:\n{SITE}/contact/",
            [["Ce n’était pas vous\u00a0?"], ("Prévenez-nous", f"{SITE}/contact/")],
        ),
        (
            f"Choisissez un mot de passe\u00a0:\n{SITE}/a/\net prévenez-nous\u00a0:\n{SITE}/b/",
            [("Choisissez un mot de passe", f"{SITE}/a/"), ("Et prévenez-nous", f"{SITE}/b/")],
        ),
        (f"Ouvrez ce lien.\n\n{SITE}/x/\n\nMerci", [["Ouvrez ce lien."], ("Continuer", f"{SITE}/x/"), ["Merci"]]),
        (
            f"{LONG}\u00a0:\n{SITE}/x/",
            [[f"{LONG}\u00a0:"], ("Continuer", f"{SITE}/x/")],
        ),
        # A title followed by its URL is a link, not a button.
        (f"Offre\u00a0: Testeuse\n{SITE}/offres/1/", [["Offre\u00a0: Testeuse", f"{SITE}/offres/1/"]]),
    ],
)  # fmt: skip
def test_url_on_its_own_line_becomes_a_button_or_a_link(text, expected):
    assert simplify(parse(text)) == expected


def test_only_urls_of_the_site_become_links():
    """Text that a visitor typed must not become a button."""
    (block,) = parse(f"Voir {SITE}/offres/?q=a&b=c. Ou https://mauvais.example/ ou {SITE}.mauvais.example/")
    assert block.lines == [
        [
            Segment("Voir "),
            Segment(f"{SITE}/offres/?q=a&b=c", f"{SITE}/offres/?q=a&b=c"),
            Segment(". Ou https://mauvais.example/ ou https://emploi.example.mauvais.example/"),
        ]
    ]
    assert parse("Cliquez\u00a0:\nhttps://mauvais.example/") == [
        Block(lines=[[Segment("Cliquez\u00a0:")], [Segment("https://mauvais.example/")]])
    ]


def test_text_is_escaped():
    html = render_html("<b>Objet</b>", f"<script>alert(1)</script> & {SITE}/?a=1&b=%22")
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in html
    assert f'href="{SITE}/?a=1&amp;b=%22"' in html


def test_html_loads_no_resource_and_has_light_and_dark_colours():
    html = render_html("Objet", "Bonjour")
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import|src=", html)
    light, dark = palette("light"), palette("dark")
    assert light["paper"] != dark["paper"]
    assert light["paper"] in html
    assert dark["paper"] in html
    assert "prefers-color-scheme: dark" in html
    # All colours are in the palette.
    assert set(re.findall(r"#[0-9a-f]{3,8}", html)) <= {*light.values(), *dark.values()}


class VisibleText(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.hidden = "", False

    def handle_starttag(self, tag, attrs):
        self.hidden = tag in {"style", "title"}

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        if not self.hidden:
            self.text += data


@pytest.mark.django_db
def test_html_alternative_has_the_same_text_and_urls():
    lead = make_lead(message="Bonjour <b>toi</b>,\n\nune équipe & un poste.")
    queue_mail("contact.notification", lead.pk, lead=lead.pk)
    queue_mail("accounts.password_reset", user=make_user().pk)
    send_outbox()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        ((html, kind),) = message.alternatives
        assert kind == "text/html"
        parser = VisibleText()
        parser.feed(html)
        visible = " ".join(parser.text.split())
        for line in message.body.splitlines():
            line = " ".join(line.split()).rstrip(": ")
            assert line in visible or line.startswith(SITE), line
        for url in re.findall(rf"{SITE}/\S+", message.body):
            assert f'href="{url}"' in html
