"""The declared filters other than choices: results, chip, alert and form field."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from offers.alerts import saved
from offers.catalogue.filters import OfferFilter
from offers.fields import (
    FILTERS,
    ChoiceFilter,
)
from tests.factories import PARIS, make_company, make_offer, make_place, make_role, make_skill

pytestmark = pytest.mark.django_db
# For each parameter that is not a choice filter, a query string and whether alerts store it.
QUERIES = {
    "q": ("q=python", True),
    "ou": ("ou=Lyon", True),
    "rayon": ("ou=Lyon&rayon=20", True),
    "salaire": ("salaire=60000", True),
    "tjm": ("tjm=600", True),
    "metier": ("metier=cto", True),
    "competence": ("competence=python", True),
    "region": ("region=84", True),
    "departement": ("departement=69", True),
    "entreprise": ("entreprise=acme", True),
    "depuis": ("depuis=7", False),
}


@pytest.mark.parametrize("name", [name for name, each in FILTERS.items() if not isinstance(each, ChoiceFilter)])
def test_other_filters_narrow_results_and_label_chip_and_alert(client, name):
    query, is_stored = QUERIES[name]
    company = make_company(name="Acme", slug="acme")
    python = make_skill("Python", slug="python")
    for contract, pay in (("cdi", 65_000), ("freelance", 650)):
        make_offer(
            title="Python", company=company, skills=[python], role=None if contract == "cdi" else make_role(slug="cto"),
            contract=contract, pay_min=pay, pay_max=pay,
        )  # fmt: skip
    make_offer(title="Java", place=make_place(**PARIS), age=timedelta(days=20), pay_min=30_000, pay_max=35_000)
    client.index.follow()
    search = OfferFilter(QueryDict(query))
    assert not search.errors
    assert 0 < search.answer().total < 3
    assert len(search.chips) == 1
    replayed = saved.replay(saved.canonical(search))
    assert [chip.label for chip in replayed.chips] == ([search.chips[0].label] if is_stored else [])
    assert saved.label(replayed) == (search.chips[0].label if is_stored else "toutes les offres")
    assert f'name="{name}"' in client.get(reverse("catalogue:list") + f"?{query}").content.decode()
