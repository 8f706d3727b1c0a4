"""Titles that name both genders get no “(H/F)” on pages, in mails and in feeds."""

import pytest

from offers.models.title import names_both_genders
from tests.catalogue.html import visible_text
from tests.factories import make_offer

BOTH = [
    "Ingénieure / Ingénieur d'études Java",
    "Développeur·euse backend",
    "Développeur(se) PHP",
    "Développeuse ou développeur Python",
    "Technicien(ne) support",
    "Technicienne, technicien réseau",
    "Directeur/trice technique",
    "Ingénieur-e système",
    "Chargé(e) d’études",
    "Administrateurs et administratrices systèmes",
    "Cheffe ou chef de projet",
    "Conseillère / conseiller numérique",
    "Créatif ou créative web",
    "Développeurs·euses Go",
    "Consultant•e SAP",
]
ONE = [
    "Développeur Java",
    "Développeuse web",
    "Tech lead",
    "Data engineer, data platform",
    "Ingénieur systèmes et système embarqué",
    "Administrateur réseau et réseaux",
    "Chef de projet (Lyon)",
    "Architecte cloud/devops",
    "Product owner – e-commerce",
    "CTO",
    "Développeur front-end",
    "Ingénieur R&D",
    "Consultant C/C++",
    "Développeur (senior)",
    "Ingénieur QA (test)",
]


@pytest.mark.parametrize("title", BOTH)
def test_title_names_both_genders(title):
    assert names_both_genders(title)


@pytest.mark.parametrize("title", ONE)
def test_title_names_one_gender(title):
    assert not names_both_genders(title)


@pytest.mark.parametrize(("title", "count"), [(BOTH[0], 0), (BOTH[1], 0), (ONE[0], 1)])
def test_pages_and_feeds_add_the_mark_once_or_not(client, db, title, count):
    offer = make_offer(title=title)
    for url in ("/offres/", offer.get_absolute_url(), f"{offer.get_absolute_url()}postuler/", "/offres/flux.rss"):
        text = visible_text(client.get(url, follow=True)).replace("&#x27;", "'")
        marked = f"{title} (H/F)"
        assert (marked in text) == bool(count), url
        assert title in text.replace("&#39;", "'")
