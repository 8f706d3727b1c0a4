"""The filters that the fields of an offer declare: parameters, counts, chips and alerts."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from offers.alerts import saved
from offers.catalogue.filters import OfferFilter
from offers.catalogue.parameters import PARAMETERS, Control
from offers.fields import CHOICE_FILTERS, EMPLOYER, FILTERS, REMOTE, ChoiceFilter
from offers.models import Offer
from offers.search.facets import FACETS
from tests.factories import PARIS, make_company, make_offer, make_place, make_role, make_skill
from tests.offers.test_fields import MODEL_FIELDS, parametrize_names

pytestmark = pytest.mark.django_db


def test_every_filter_has_a_parameter_and_every_choice_filter_a_facet():
    parameters = {parameter.name: parameter for parameter in PARAMETERS}
    assert FILTERS.keys() == parameters.keys() - {"tri", "exact"}
    assert {each for each in FILTERS.values() if isinstance(each, ChoiceFilter)} == set(CHOICE_FILTERS)
    assert all(parameters[name].label == each.label for name, each in FILTERS.items())
    facets = {facet.name for facet in FACETS}
    for each in CHOICE_FILTERS:
        assert each.facet in facets
        assert parameters[each.parameter].control == Control.CHECKBOXES
        for column in each.columns:
            choices = [value for value, _ in getattr(MODEL_FIELDS.get(column), "flatchoices", ()) if value]
            assert not choices or choices == list(each.by_value), each.parameter


CHOICES = pytest.mark.parametrize(
    ("choice_filter", "code"),
    [(each, choice.value) for each in CHOICE_FILTERS for choice in each.choices],
    ids=[f"{each.parameter}={choice.value}" for each in CHOICE_FILTERS for choice in each.choices],
)
DAYS = {"0": {"remote_days": 0}, "1-2": {"remote_days": 2}, "3-5": {"remote_days": 4}, "100": {"fully_remote": True}}


def offer_with(choice_filter, code) -> Offer:
    if choice_filter is EMPLOYER:
        return make_offer(company=make_company(kind=code))
    return make_offer(**(DAYS[code] if choice_filter is REMOTE else {choice_filter.columns[0]: code}))


@CHOICES
def test_choice_filters_counts_and_labels_chip_and_alert(client, choice_filter, code):
    name, choice = choice_filter.parameter, choice_filter.by_value[code]
    offers = {value: offer_with(choice_filter, value) for value in choice_filter.by_value}
    client.index.follow()
    search = OfferFilter(QueryDict(f"{name}={code}"))
    results = search.answer()
    assert results.ids == (offers[code].pk,)
    search.count_choices(results)
    assert search.form.fields[name].widget.counts == dict.fromkeys(offers, 1)
    (chip,) = search.chips
    assert (chip.label, chip.url) == (choice.chip, reverse("catalogue:list"))
    query = saved.canonical(search)
    assert query == f"{name}={code}"
    assert saved.label(saved.replay(query)) == choice.chip
    # In the whole page, and in the fragment for htmx.
    page = client.get(reverse("catalogue:list"), {name: code})
    assert f'name="{name}" value="{code}"' in page.content.decode()
    update = client.get(
        reverse("catalogue:list"), {name: code}, headers={"HX-Request": "true", "HX-Target": "resultats"}
    )
    assert f'name="{name}" value="{code}"' in update.content.decode()


# For each parameter that is not a choice filter, a query string and whether alerts store it.
QUERIES = {
    "q": ("q=python", True),
    "ou": ("ou=Lyon", True),
    "rayon": ("ou=Lyon&rayon=20", True),
    "salaire": ("salaire=60000", True),
    "tjm": ("tjm=600", True),
    "remuneration": ("remuneration=indiquee", True),
    "metier": ("metier=cto", True),
    "competence": ("competence=python", True),
    "region": ("region=84", True),
    "departement": ("departement=69", True),
    "entreprise": ("entreprise=acme", True),
    "depuis": ("depuis=7", False),
}


@parametrize_names([name for name, each in FILTERS.items() if not isinstance(each, ChoiceFilter)])
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
    make_offer(title="Cobol", place=make_place(**PARIS), age=timedelta(days=20))
    client.index.follow()
    search = OfferFilter(QueryDict(query))
    assert not search.errors
    assert 0 < search.answer().total < 4
    assert len(search.chips) == 1
    replayed = saved.replay(saved.canonical(search))
    assert [chip.label for chip in replayed.chips] == ([search.chips[0].label] if is_stored else [])
    assert saved.label(replayed) == (search.chips[0].label if is_stored else "toutes les offres")
    assert f'name="{name}"' in client.get(reverse("catalogue:list") + f"?{query}").content.decode()
