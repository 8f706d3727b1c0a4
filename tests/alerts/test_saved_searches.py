"""The canonical query string of a saved search, and its label."""

import pytest
from django.http import QueryDict

from offers.alerts import saved
from offers.alerts.models import Alert
from offers.catalogue.filters import OfferFilter
from tests.alerts.requests import post_alert_form
from tests.factories import make_company, make_offer, make_place, make_role, make_skill

pytestmark = pytest.mark.django_db


@pytest.fixture
def known_names():
    """Create the role, skills, company and commune that the searches name."""
    make_role(slug="cto", name="CTO")
    make_skill("C++", slug="cpp")
    make_skill("Python", slug="python")
    make_offer(company=make_company(name="Acme", slug="acme"))
    make_place(insee_code="38544", name="Vienne", department="38", population=31_000, postal_codes=["38200"])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ""),
        ("tri=date&depuis=7&exact=1&page=3&utm_source=x&q=", ""),
        ("contrat=cdd&contrat=cdi&contrat=cdd", "contrat=cdd&contrat=cdi"),
        ("q=++chef++de+projet+", "q=chef+de+projet"),
        ("ou=lyon&rayon=20", "ou=Lyon+%2869%29&rayon=20"),
        ("ou=69001", "ou=Lyon+%2869%29"),
        ("ou=isère&region=84", "ou=Is%C3%A8re&region=84"),
        ("ou=auvergne rhone alpes", "ou=Auvergne-Rh%C3%B4ne-Alpes"),
        ("salaire=45+K€&tjm=500+€", "salaire=45000&tjm=500"),
        ("competence=python&competence=cpp", "competence=cpp&competence=python"),
        ("metier=cto&entreprise=acme&employeur=direct", "employeur=direct&entreprise=acme&metier=cto"),
        ("teletravail=100&teletravail=0&experience=junior", "experience=junior&teletravail=0&teletravail=100"),
        ("departement=2A&metier=inconnu&rayon=50", "departement=2A"),
    ],
)
def test_canonical_query_contains_the_valid_criteria_in_a_fixed_order(client, known_names, typed, expected):
    client.index.follow()
    search = OfferFilter(QueryDict(typed))
    query = saved.canonical(search)
    assert query == expected
    replayed = saved.replay(query)
    assert not replayed.errors
    assert saved.canonical(replayed) == query, "the canonical query string is its own canonical form"


@pytest.mark.parametrize("ou", ["Vienne", "Vienne (38)", "38200", "Vienne, département"])
def test_canonical_query_keeps_the_area_of_an_ambiguous_name(client, known_names, ou):
    client.index.follow()
    search = OfferFilter(QueryDict(f"ou={ou}"))
    replayed = saved.replay(saved.canonical(search))
    assert replayed.criteria == search.criteria


def test_label_is_one_line():
    search = OfferFilter(QueryDict("q=a%0D%0ABcc:+b%E2%80%A8c&ou=Lyon&rayon=20"))
    make_place()
    assert saved.label(search) == "a Bcc: b c, Lyon (69) et 20\u00a0km autour"


def test_corrected_words_are_saved_instead_of_the_typed_ones(client):
    make_offer(title="Développeur Python")
    post_alert_form(client, "q=pyton")
    alert = Alert.objects.get()
    assert (alert.query, alert.label) == ("q=python", "python")
