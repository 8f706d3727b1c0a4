"""Links in Markdown: one that names a host or an address, and opens another, shows where it leads."""

import re
from html import unescape

import pytest

from jobboard.text.markdown import render

EVIL = "https://evil.example/compte"


def shown(text: str) -> tuple[str, list[str]]:
    """Return the visible text of rendered Markdown, and the targets of its links."""
    html = render(text)
    visible = unescape(re.sub(r"<[^>]+>", "", html)).strip().replace("\u00a0(", " (")
    return visible, [unescape(href) for href in re.findall(r'<a href="([^"]*)"', html)]


# Markdown, and the visible text. The link stays.
LABELLED = {
    "[www.banque.fr](https://evil.example/compte)": "www.banque.fr (evil.example)",
    "[https://www.banque.fr/compte](https://evil.example)": "https://www.banque.fr/compte (evil.example)",
    "[Connectez-vous sur banque.fr](https://evil.example)": "Connectez-vous sur banque.fr (evil.example)",
    "[BANQUE.FR](https://evil.example)": "BANQUE.FR (evil.example)",
    # Subdomains.
    "[www.banque.fr](https://www.banque.fr.evil.example/)": "www.banque.fr (www.banque.fr.evil.example)",
    "[www.banque.fr](https://banque.fr-compte.example/)": "www.banque.fr (banque.fr-compte.example)",
    "[github.io](https://moi.github.io/)": "github.io (moi.github.io)",
    "[www.banque.fr.](https://evil.example)": "www.banque.fr. (evil.example)",
    "[www.banque.fr+](https://evil.example)": "www.banque.fr+ (evil.example)",
    "[Java+banque.fr-+](https://evil.example)": "Java+banque.fr-+ (evil.example)",
    "[..www.banque.fr](https://evil.example)": "..www.banque.fr (evil.example)",
    "[-www.banque.fr](https://evil.example)": "-www.banque.fr (evil.example)",
    # A user in the text.
    "[https://banque.fr@evil.example](https://evil.example)": "https://banque.fr@evil.example (evil.example)",
    # Alphabets and characters that look alike.
    "[www.bаnque.fr](https://evil.example)": "www.bаnque.fr (evil.example)",
    "[www.linkеdin.com](https://www.linkedin.com)": "www.linkеdin.com (www.linkedin.com)",
    "[www。banque。fr](https://evil.example)": "www。banque。fr (evil.example)",
    "[ｗｗｗ．ｂａｎｑｕｅ．ｆｒ](https://evil.example)": "ｗｗｗ．ｂａｎｑｕｅ．ｆｒ (evil.example)",
    "[www.bnp\u200bparibas.fr](https://evil.example)": "www.bnpparibas.fr (evil.example)",
    # Marks of the writing direction and invisible characters that only the parser of Markdown decodes.
    "[&#x202e;rf.euqnab.www](https://evil.example)": "rf.euqnab.www (evil.example)",
    "[www.ban&#8203;que.fr](https://evil.example)": "www.banque.fr (evil.example)",
    "[rh@banque.fr](mailto:%E2%80%AErh@evil.example)": "rh@banque.fr (rh@evil.example)",
    # Formatting inside the text.
    "[www.**banque**.fr](https://evil.example)": "www.banque.fr (evil.example)",
    "[`www.banque.fr`](https://evil.example)": "www.banque.fr (evil.example)",
    "[www.banque\\.fr](https://evil.example)": "www.banque.fr (evil.example)",
    "[www.banque.fr][a]\n\n[a]: https://evil.example": "www.banque.fr (evil.example)",
    # IPs and international names.
    "[192.0.2.1](https://evil.example)": "192.0.2.1 (evil.example)",
    "[www.banque.fr](https://société.fr)": "www.banque.fr (société.fr)",
    # E-mail addresses.
    "[rh@banque.fr](mailto:rh@evil.example)": "rh@banque.fr (rh@evil.example)",
    "[rh@banque.fr](mailto:h@banque.fr)": "rh@banque.fr (h@banque.fr)",
    "[rh@banque.fr](mailto:rh@banque.fr?cc=a@evil.example)": "rh@banque.fr (a@evil.example)",
    "[rh@banque.fr](mailto:rh@banque.fr,a@evil.example?bcc=b%40evil.example)": (
        "rh@banque.fr (a@evil.example, b@evil.example)"
    ),
    "[www.banque.fr](mailto:rh@evil.example)": "www.banque.fr (rh@evil.example)",
    "[rh@banque.fr](https://evil.example)": "rh@banque.fr (evil.example)",
}
# The link is shown as it is: its text names no host, or the one that it opens.
UNCHANGED = [
    "[notre site](https://exemple.fr)",
    "[exemple.fr](https://exemple.fr/emploi)",
    "[www.exemple.fr](https://exemple.fr)",
    "[exemple.fr](https://www.exemple.fr)",
    "[WWW.Exemple.FR](https://exemple.fr)",
    "[exemple.fr](HTTPS://EXEMPLE.FR/)",
    "[exemple.fr.](https://exemple.fr)",
    "[https://exemple.fr/a](https://exemple.fr/b)",
    "[http://exemple.fr](https://exemple.fr)",
    "[société.fr](https://société.fr)",
    "[société.fr](https://xn--socit-esab.fr)",
    "[xn--socit-esab.fr](https://société.fr)",
    "<https://exemple.fr/a?b=1&c=2>",
    "[rh@exemple.fr](mailto:RH@exemple.fr?subject=Offre%20Python)",
    "<rh@exemple.fr>",
    "[prenom.nom@exemple.fr](mailto:prenom.nom@exemple.fr)",
    "[rh@exemple.fr](https://exemple.fr/contact)",
    "[nous écrire](mailto:rh@exemple.fr)",
    "[Node.js](https://nodejs.org)",
    "[fiche-de-poste.pdf](https://exemple.fr/fiche.pdf)",
    "[version 3.11](https://exemple.fr)",
    "[CDI](/offres/?contrat=cdi)",
]
# People, browsers and Python may read these URLs differently: text without a link.
UNLINKED = {
    "[www.linkedin.com](https://www.linkedin.com@evil.example/)": (
        "www.linkedin.com (https://www.linkedin.com@evil.example/)"
    ),
    "[Postuler](https://www.linkedin.com@evil.example/)": "Postuler (https://www.linkedin.com@evil.example/)",
    "<https://www.linkedin.com@evil.example/>": "https://www.linkedin.com@evil.example/",
    # Not a URL for browsers either.
    "[Postuler](https://www.linkedin.com%40evil.example/)": "Postuler",
    "[Postuler](https://evil.example\\\\@www.linkedin.com/)": "Postuler (https://evil.example%5C@www.linkedin.com/)",
    "[www.linkedin.com](https://www.linkеdin.com/)": "www.linkedin.com (https://www.link%D0%B5din.com/)",
    "[exemple.fr](https://exemple.fr./)": "exemple.fr (https://exemple.fr./)",
    "[exemple.fr](https://127.0.0.1/)": "exemple.fr (https://127.0.0.1/)",
    "[exemple.fr](//evil.example/)": "exemple.fr (//evil.example/)",
    "[Postuler](//evil.example/)": "Postuler (//evil.example/)",
    "[Postuler](https:evil.example)": "Postuler (https:evil.example)",
    "[exemple.fr](/offres/)": "exemple.fr (/offres/)",
}


@pytest.mark.parametrize("text", LABELLED, ids=ascii)
def test_link_that_names_another_place_shows_where_it_leads(text):
    visible, targets = shown(text)
    assert visible == LABELLED[text]
    assert len(targets) == 1


@pytest.mark.parametrize("text", UNCHANGED, ids=ascii)
def test_honest_link_is_shown_as_it_is(text):
    visible, targets = shown(text)
    assert "(" not in visible
    assert len(targets) == 1


@pytest.mark.parametrize("text", UNLINKED, ids=ascii)
def test_ambiguous_url_is_text(text):
    assert shown(text) == (UNLINKED[text], [])


def test_each_link_of_a_paragraph_is_judged_by_itself():
    visible, targets = shown(f"[exemple.fr](https://exemple.fr), [banque.fr]({EVIL}) et [Postuler]({EVIL})")
    assert visible == "exemple.fr, banque.fr (evil.example) et Postuler"
    assert targets == ["https://exemple.fr", EVIL, EVIL]


def test_added_text_is_escaped():
    html = render('[www.banque.fr](mailto:"<b>"@evil.example)')
    assert "<b>" not in html
    assert '"<' not in html
