"""What is declared of each field of an offer holds: a field that says too little, or something else, is named here."""

import json
from datetime import timedelta

import pytest
from django.db.models import ForeignKey, ManyToManyField
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from offers.admin.offer import OfferAdmin
from offers.alerts import saved
from offers.catalogue.cards import COLUMNS
from offers.catalogue.filters import OfferFilter
from offers.catalogue.parameters import PARAMETERS, Control
from offers.enums import OfferStatus, RevisionStatus
from offers.fields import (
    BY_NAME,
    CHOICE_FILTERS,
    EMPLOYER,
    FACTS,
    FILTERS,
    MANY_TO_MANY,
    OFFER_FIELDS,
    REMOTE,
    AdminSection,
    ChoiceFilter,
    FieldKind,
)
from offers.models import Offer
from offers.models.versions import serialize
from offers.moderation.queue import build_cases, waiting_offers
from offers.posting import drafts
from offers.posting.forms import STEPS
from offers.search.documents import INTEGER_FIELDS, RANGE_FIELDS, TEXT_FIELDS, TOKEN_FIELDS, build_documents
from offers.search.facets import FACETS
from tests.factories import PARIS, make_company, make_member, make_offer, make_place, make_role, make_skill, make_user
from tests.posting.test_wizard import TEXT, whole

pytestmark = pytest.mark.django_db
MODEL_FIELDS = {field.name: field for field in (*Offer._meta.concrete_fields, *Offer._meta.many_to_many)}
STEP_FIELDS = [field.name for field in OFFER_FIELDS if field.step]
# An offer stays with its company: its applications and its history do.
EDITABLE = [name for name in STEP_FIELDS if name != "company"]


def named(declarations):
    return pytest.mark.parametrize("name", [each if isinstance(each, str) else each.name for each in declarations])


# The declarations


def test_every_field_of_the_model_is_declared_once():
    assert [field.name for field in OFFER_FIELDS if field.name not in MODEL_FIELDS] == []
    assert [name for name in MODEL_FIELDS if name not in BY_NAME] == []
    assert len(BY_NAME) == len(OFFER_FIELDS)


@named(OFFER_FIELDS)
def test_a_declaration_agrees_with_the_model(name):
    field, declared = MODEL_FIELDS[name], BY_NAME[name]
    kinds = {ForeignKey: FieldKind.FOREIGN_KEY, ManyToManyField: FieldKind.MANY_TO_MANY}
    assert declared.kind == kinds.get(type(field), FieldKind.VALUE)
    assert declared.step in {None, *(form.slug for form in STEPS)}
    # A recruiter writes the field and a curator can, or neither does.
    assert (declared.step is None) <= (not declared.material and not declared.copied)
    assert (declared.step is not None) <= (declared.section is not None)
    assert not declared.fact or field.choices
    own = {*declared.columns} - {"company__name", "company__kind"}
    assert all(
        column.split("__")[0] in (field.name, field.attname)
        for column in own
        if declared.kind != FieldKind.MANY_TO_MANY
    )


def test_what_candidates_see_is_read_by_a_moderator_and_copied():
    """Said once more and not derived: a declaration that lets a field past the moderators changes this test as well."""
    immaterial = {"external_reference"}
    assert {field.name for field in OFFER_FIELDS if field.step and not field.material} == immaterial
    assert {field.name for field in OFFER_FIELDS if field.step and not field.copied} == immaterial
    for field in OFFER_FIELDS:
        assert field.material or not (field.step and (field.columns or field.card or field.filters or field.fact))


def test_the_admin_shows_what_is_declared():
    for (label, options), section in zip(OfferAdmin.fieldsets, AdminSection, strict=True):
        names = [name for row in options["fields"] for name in ([row] if isinstance(row, str) else row)]
        assert label == section.value
        assert [name for name in names if name != "request_source"] == [
            field.name for field in OFFER_FIELDS if field.section == section
        ]


def test_a_document_has_what_is_declared():
    schema = {*TEXT_FIELDS, *TOKEN_FIELDS, *INTEGER_FIELDS, *RANGE_FIELDS, "label", "id", "fresh"} - {
        "digest",
        "choices",
    }
    assert {name for field in OFFER_FIELDS for name in field.indexed} == schema


@named([field for field in OFFER_FIELDS if field.indexed])
def test_a_change_of_an_indexed_field_changes_its_document(name):
    offer = make_offer(
        company=make_company(name="Avant"), skills=[make_skill()], title="Avant", contract="cdi", description="Avant",
        pay_min=40_000, pay_max=50_000, remote_days=0,
    )  # fmt: skip
    before = the_document()
    if name == "id":
        return
    changes = {
        "company": {"company": make_company(name="Après", kind="esn")},
        "confidential": {"confidential": True},
        "fully_remote": {"fully_remote": True, "remote_days": 5},
        "employer_descriptor": {"confidential": True, "employer_descriptor": "Éditeur"},
        "published_at": {"published_at": timezone.now() - timedelta(days=40)},
    }
    change(offer, name, changes.get(name))
    after = the_document()
    assert all(before[indexed] != after[indexed] for indexed in BY_NAME[name].indexed if indexed != "pay_day"), name


def the_document() -> dict:
    ((_, document),) = build_documents()
    return json.loads(document)


def change(offer, name, values=None):
    """Write another value of a field, one that candidates would notice."""
    if name in MANY_TO_MANY:
        getattr(offer, name).set([make_skill()])
        return
    values = values or {name: sample(name)[1]}
    Offer.objects.filter(pk=offer.pk).update(**values)


def test_a_card_has_the_fields_that_are_declared():
    columns = {column.split("__")[0].removesuffix("_id") for column in COLUMNS}
    assert {"id" if name == "pk" else name for name in columns} == {field.name for field in OFFER_FIELDS if field.card}


# What a recruiter writes


def sample(name):
    """Return what to post for another value of a field, and that value."""
    if name == "place":
        return {"place": "Paris"}, make_place(**PARIS)
    if name == "role":
        role = make_role()
        return {"role": role.pk}, role
    if name == "skills":
        skill = make_skill("Kotlin")
        return {"others": "kotlin"}, [skill]
    if name in SAMPLES:
        return SAMPLES[name]
    choices = [value for value, _ in MODEL_FIELDS[name].flatchoices if value]
    assert choices, f"tests/offers/test_fields.py needs a sample of the field {name}"
    return {name: choices[-1]}, choices[-1]


SAMPLES = {
    "title": ({"title": "Développeuse Rust"}, "Développeuse Rust"),
    "contract": ({"contract": "cdd"}, "cdd"),
    "confidential": ({"confidential": "on", "employer_descriptor": "Éditeur de logiciel"}, True),
    "employer_descriptor": ({"employer_descriptor": "Éditeur de logiciel"}, "Éditeur de logiciel"),
    "apply_url": ({"application_channel": "ailleurs", "apply_url": "https://example.org/1"}, "https://example.org/1"),
    "external_reference": ({"external_reference": "R-7"}, "R-7"),
    "remote_days": ({"remote": "3"}, 3),
    "fully_remote": ({"remote": "100"}, True),
    "pay_min": ({"pay_min": "48000"}, 48_000),
    "pay_max": ({"pay_max": "62000"}, 62_000),
    "highlights": ({"highlights": "Un bureau calme"}, "Un bureau calme"),
    "description": ({"description": TEXT + "Et Rust."}, TEXT + "Et Rust."),
}


@pytest.fixture
def company(client):
    company = make_company(name="Ateliers")
    client.force_login(make_member(company, make_user(email="anne@example.org")).user)
    return company


@pytest.fixture
def offer(company):
    return make_offer(company=company, title="Développeur Java", description=TEXT, pay_min=45_000, pay_max=55_000)


def value(offer, name):
    offer.refresh_from_db()
    return list(getattr(offer, name).all()) if name in MANY_TO_MANY else getattr(offer, name)


def test_the_pages_have_a_control_for_every_field_of_their_forms(client, company, offer):
    """A control that a template leaves out is sent empty by browsers, and what was stored is lost."""
    draft = make_offer(company=company, status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    pages = [reverse("posting:new"), reverse("posting:edit", args=[offer.pk])]
    pages += [reverse("posting:step", args=[draft.pk, form.slug]) for form in STEPS]
    for page in pages:
        response = client.get(page)
        html = response.content.decode()
        for form in response.context.get("forms") or [response.context["form"]]:
            # Without proposed skills there is nothing to tick.
            names = {bound.html_name for bound in form} - {"chosen"}
            if "forms" in response.context:
                names.discard("version")
            assert [name for name in names if f'name="{name}"' not in html] == [], page


@named([name for name in EDITABLE if BY_NAME[name].material])
def test_a_change_of_a_material_field_waits_is_shown_and_is_applied(client, offer, name):
    posted, expected = sample(name)
    before = value(offer, name)
    response = whole(client, offer, **posted)
    assert response.status_code == 302, [form.errors for form in response.context["forms"]]
    assert value(offer, name) == before != expected
    revision = offer.revisions.get(status=RevisionStatus.WAITING)
    assert revision.changes[name] == serialize({name: expected})[name]
    ((case),) = build_cases(waiting_offers())
    (difference,) = [each for each in case.differences if each.name == name]
    assert difference.before != difference.after
    # The form goes on from the change, and sending it as it stands changes nothing.
    again = whole(client, offer)
    assert again.status_code == 302, [form.errors for form in again.context["forms"]]
    assert offer.revisions.get(status=RevisionStatus.WAITING).changes == revision.changes
    offer.refresh_from_db()
    offer.accept(make_user(is_staff=True, is_superuser=True))
    assert value(offer, name) == expected


@named([name for name in EDITABLE if not BY_NAME[name].material])
def test_a_change_of_another_field_is_saved_at_once(client, offer, name):
    posted, expected = sample(name)
    assert value(offer, name) != expected
    assert whole(client, offer, **posted).status_code == 302
    assert value(offer, name) == expected
    assert not offer.revisions.exists()


@named(EDITABLE)
def test_a_trusted_company_changes_every_field_at_once(client, company, offer, name):
    company.trusted = True
    company.save()
    posted, expected = sample(name)
    assert whole(client, offer, **posted).status_code == 302
    assert value(offer, name) == expected
    assert not offer.revisions.exists()


@named(EDITABLE)
def test_a_step_saves_each_of_its_fields(client, company, name):
    offer = make_offer(
        company=company, title="Développeur Java", description=TEXT, pay_min=45_000, pay_max=55_000,
        status=OfferStatus.DRAFT, published_at=None, expires_at=None,
    )  # fmt: skip
    posted, expected = sample(name)
    url = reverse("posting:step", args=[offer.pk, BY_NAME[name].step])
    form = client.get(url).context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    assert client.post(url, {**data, **posted}).status_code == 302
    assert value(offer, name) == expected


@named(OFFER_FIELDS)
def test_a_duplicate_begins_with_the_copied_fields_and_no_others(offer, name):
    now = timezone.now()
    others = {"external_reference": "R-7", "confirmed_at": now, "waiting_since": now}
    if name == "closed_at":
        others = {"status": OfferStatus.FILLED, "closed_at": now}
    Offer.objects.filter(pk=offer.pk).update(**others, created_at=now - timedelta(days=3))
    if name in EDITABLE:
        change(offer, name, {"fully_remote": True, "remote_days": 5} if name == "fully_remote" else None)
    offer = Offer.objects.get(pk=offer.pk)
    original = value(offer, name)
    assert original not in (None, "", [], False), f"{name} has to be filled in, for the test to tell"
    copy = drafts.duplicate_offer(offer)
    assert (value(copy, name) == original) is BY_NAME[name].copied


@named(FACTS)
def test_a_fact_stands_on_the_page_of_the_offer_and_in_feeds(client, name):
    ((_, code),) = [sample(name)]
    offer = make_offer(**{name: code})
    fact = BY_NAME[name].fact(getattr(offer, f"get_{name}_display")())
    assert fact in client.get(offer.get_absolute_url()).content.decode()
    assert fact in client.get(reverse("catalogue:feed", args=["json"])).content.decode()


# What candidates filter by


def test_every_filter_is_a_parameter_and_every_choice_a_facet():
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
def test_a_choice_filters_counts_and_is_named_by_chip_and_alert(client, choice_filter, code):
    name, choice = choice_filter.parameter, choice_filter.by_value[code]
    made = {value: offer_with(choice_filter, value) for value in choice_filter.by_value}
    client.index.follow()
    search = OfferFilter(QueryDict(f"{name}={code}"))
    results = search.answer()
    assert results.ids == (made[code].pk,)
    search.count_choices(results)
    assert search.form.fields[name].widget.counts == dict.fromkeys(made, 1)
    (chip,) = search.chips
    assert (chip.label, chip.url) == (choice.chip, reverse("catalogue:list"))
    query = saved.canonical(search)
    assert query == f"{name}={code}"
    assert saved.label(saved.replay(query)) == choice.chip
    # Also without JavaScript, and where htmx replaces the counts.
    page = client.get(reverse("catalogue:list"), {name: code})
    assert f'name="{name}" value="{code}"' in page.content.decode()
    update = client.get(
        reverse("catalogue:list"), {name: code}, headers={"HX-Request": "true", "HX-Target": "resultats"}
    )
    assert f'name="{name}" value="{code}"' in update.content.decode()


# A query, and whether an alert keeps it, of each parameter that is no choice.
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


@named([name for name, each in FILTERS.items() if not isinstance(each, ChoiceFilter)])
def test_every_other_filter_narrows_and_is_named_by_chip_and_alert(client, name):
    query, kept = QUERIES[name]
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
    again = saved.replay(saved.canonical(search))
    assert [chip.label for chip in again.chips] == ([search.chips[0].label] if kept else [])
    assert saved.label(again) == (search.chips[0].label if kept else "toutes les offres")
    assert f'name="{name}"' in client.get(reverse("catalogue:list") + f"?{query}").content.decode()
