"""Shortcuts above the results, and the offers without pay that a minimum pay leaves out."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.catalogue.html import offer_count, visible_text
from tests.factories import make_offer


@pytest.fixture
def site(db):
    make_offer(title="Java sur site", pay_min=40_000, pay_max=45_000, age=timedelta(days=9))
    make_offer(title="Java débutant", experience="debutant", age=timedelta(days=9))
    make_offer(title="Java freelance", contract="freelance", pay_min=500, pay_max=550, age=timedelta(days=9))
    make_offer(title="Java partout", fully_remote=True)


def shortcuts(client, query="") -> dict[str, str]:
    page = client.get(f"/offres/?{query}").content.decode()
    links = re.findall(r'<ul class="shortcuts".*?</ul>', page, re.DOTALL)
    found = re.findall(r'<a href="([^"]+)">(.*?)</a>', links[0], re.DOTALL) if links else []
    return {re.sub(r"<[^>]+>|\s+", " ", label).replace("\u00a0", " ").strip(): unescape(url) for url, label in found}


def test_shortcuts_lead_to_as_many_offers_as_they_say(client, site):
    found = shortcuts(client, "q=java")
    assert [label.split() for label in found] == [
        ["100", "%", "télétravail", "1"],
        ["Débutants", "1"],
        ["Freelance", "1"],
        ["Avec", "salaire", "2"],
        ["Nouveau", "1"],
    ]
    for label, url in found.items():
        assert offer_count(client.get(url)) == int(label.split()[-1])


def test_criteria_in_use_and_without_offers_have_no_shortcut(client, site):
    assert [label.split()[0] for label in shortcuts(client, "q=java&contrat=freelance")] == ["Avec"]
    assert [label.split()[0] for label in shortcuts(client, "q=java+freelance")] == ["Avec"]
    assert shortcuts(client, "q=cobol") == {}


def test_minimum_pay_counts_the_offers_without_pay(client, site):
    for query in ("q=java&salaire=40000", "q=java+40k"):
        page = client.get(f"/offres/?{query}").content.decode()
        link = re.search(r'n’en communiquent pas.*?<a href="([^"]+)">(.*?)</a>', page, re.DOTALL)
        assert " ".join(link[2].split()) == "voir 2 offres sans salaire communiqué"
        text = visible_text(client.get(unescape(link[1])))
        assert "2 offres" in text
        assert "Salaire non communiqué ×" in text
        assert "Java débutant" in text
        assert "Java sur site" not in text


def test_offers_that_state_their_pay(client, site):
    text = visible_text(client.get("/offres/?remuneration=indiquee"))
    assert "2 offres" in text
    assert "Salaire communiqué ×" in text
    # The form submits the choice again.
    page = client.get("/offres/?remuneration=indiquee").content.decode()
    assert '<input type="hidden" name="remuneration" value="indiquee">' in page
    assert "n’est pas un choix possible" in visible_text(client.get("/offres/?remuneration=x"))
