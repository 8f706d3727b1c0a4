"""The declarations of the fields of an offer (`offers/fields.py`) against everything that uses them."""

import json
from datetime import timedelta

import pytest
from django.db.models import ForeignKey, ManyToManyField, ManyToOneRel
from django.urls import reverse
from django.utils import timezone

from offers.admin.offer import OfferAdmin
from offers.catalogue.cards import COLUMNS
from offers.enums import OfferStatus, RevisionStatus
from offers.fields import (
    BY_NAME,
    FACTS,
    MANY_TO_MANY,
    MULTIVALUED,
    OFFER_FIELDS,
    AdminSection,
    FieldKind,
)
from offers.models import Offer, Question
from offers.models.versions import serialize
from offers.moderation.queue import build_cases, waiting_offers
from offers.posting import drafts
from offers.posting.forms import STEPS
from offers.search.documents import INTEGER_FIELDS, RANGE_FIELDS, TEXT_FIELDS, TOKEN_FIELDS, build_documents
from tests.admin.staff import make_superuser
from tests.factories import PARIS, make_company, make_member, make_offer, make_place, make_role, make_skill, make_user
from tests.posting.forms import DESCRIPTION, initial_data, make_draft, post_edit_form

pytestmark = pytest.mark.django_db
QUESTIONS = Offer._meta.get_field("questions")
MODEL_FIELDS = {field.name: field for field in (*Offer._meta.concrete_fields, *Offer._meta.many_to_many, QUESTIONS)}
STEP_FIELDS = [field.name for field in OFFER_FIELDS if field.step]
# The company of an offer cannot be changed, because its applications and its history belong to the company.
EDITABLE = [name for name in STEP_FIELDS if name != "company"]


def parametrize_names(declarations):
    return pytest.mark.parametrize("name", [each if isinstance(each, str) else each.name for each in declarations])


# The declarations


def test_every_model_field_is_declared_once():
    assert [field.name for field in OFFER_FIELDS if field.name not in MODEL_FIELDS] == []
    assert [name for name in MODEL_FIELDS if name not in BY_NAME] == []
    assert len(BY_NAME) == len(OFFER_FIELDS)


@parametrize_names(OFFER_FIELDS)
def test_declaration_agrees_with_the_model_field(name):
    field, declared = MODEL_FIELDS[name], BY_NAME[name]
    kinds = {
        ForeignKey: FieldKind.FOREIGN_KEY,
        ManyToManyField: FieldKind.MANY_TO_MANY,
        ManyToOneRel: FieldKind.OWNED_ROWS,
    }
    assert declared.kind == kinds.get(type(field), FieldKind.VALUE)
    assert declared.step in {None, *(form.slug for form in STEPS)}
    # A field without a step is neither material nor copied, and a field with a step has a section in the admin, or is
    # an inline.
    assert (declared.step is None) <= (not declared.material and not declared.copied)
    if declared.kind == FieldKind.OWNED_ROWS:
        assert field.related_model in {inline.model for inline in OfferAdmin.inlines}
    else:
        assert (declared.step is not None) <= (declared.section is not None)
    assert not declared.fact or field.choices
    own = {*declared.columns} - {"company__name", "company__kind"}
    assert all(
        column.split("__")[0] in (field.name, field.attname)
        for column in own
        if declared.kind != FieldKind.MANY_TO_MANY
    )


def test_all_public_fields_are_material_and_copied():
    """Repeat the list instead of deriving it: a declaration that exempts a field from moderation must change it too."""
    immaterial = {"external_reference"}
    assert {field.name for field in OFFER_FIELDS if field.step and not field.material} == immaterial
    assert {field.name for field in OFFER_FIELDS if field.step and not field.copied} == immaterial
    for field in OFFER_FIELDS:
        assert field.material or not (field.step and (field.columns or field.card or field.filters or field.fact))


def test_admin_fieldsets_match_the_declarations():
    for (label, options), section in zip(OfferAdmin.fieldsets, AdminSection, strict=True):
        names = [name for row in options["fields"] for name in ([row] if isinstance(row, str) else row)]
        assert label == section.value
        assert [name for name in names if name != "request_source"] == [
            field.name for field in OFFER_FIELDS if field.section == section
        ]


def test_index_schema_matches_the_declarations():
    schema = {*TEXT_FIELDS, *TOKEN_FIELDS, *INTEGER_FIELDS, *RANGE_FIELDS, "label", "id", "fresh"} - {
        "digest",
        "choices",
    }
    assert {name for field in OFFER_FIELDS for name in field.indexed} == schema


@parametrize_names([field for field in OFFER_FIELDS if field.indexed])
def test_change_of_an_indexed_field_changes_the_document(name):
    offer = make_offer(
        company=make_company(name="Avant"), skills=[make_skill()], title="Avant", contract="cdi", description="Avant",
        pay_min=40_000, pay_max=50_000, remote_days=0,
    )  # fmt: skip
    before = build_document()
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
    after = build_document()
    assert all(before[indexed] != after[indexed] for indexed in BY_NAME[name].indexed if indexed != "pay_day"), name


def build_document() -> dict:
    ((_, document),) = build_documents()
    return json.loads(document)


def change(offer, name, values=None):
    """Write another value of a field: `values`, or that of its sample."""
    if name in MANY_TO_MANY:
        getattr(offer, name).set([make_skill()])
        return
    if name == "questions":
        Question.replace(offer, [{"text": "Pourquoi nous\u00a0?", "required": True}])
        return
    values = values or {name: sample(name)[1]}
    Offer.objects.filter(pk=offer.pk).update(**values)


def test_card_columns_match_the_declarations():
    columns = {column.split("__")[0].removesuffix("_id").removeprefix("card_") for column in COLUMNS}
    assert {"id" if name == "pk" else name for name in columns} == {field.name for field in OFFER_FIELDS if field.card}


# Forms of recruiters


def sample(name):
    """Return the data to post for another value of a field, and that value."""
    if name == "place":
        return {"place": "Paris"}, make_place(**PARIS)
    if name == "role":
        role = make_role()
        return {"role": role.pk}, role
    if name == "skills":
        skill = make_skill("Kotlin")
        return {"others": "kotlin"}, [skill]
    if name == "questions":
        return {"question_1": "Pourquoi\u00a0?", "required_1": "on"}, [Question(text="Pourquoi\u00a0?", required=True)]
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
    "description": ({"description": DESCRIPTION + "Et Rust."}, DESCRIPTION + "Et Rust."),
}


@pytest.fixture
def company(client):
    company = make_company(name="Ateliers")
    client.force_login(make_member(company, make_user(email="anne@example.org")).user)
    return company


@pytest.fixture
def offer(company):
    return make_offer(
        company=company, title="Développeur Java", description=DESCRIPTION, pay_min=45_000, pay_max=55_000
    )


def value(offer, name):
    """Return the stored value of a field, in a form that can be compared with a sample by `comparable`."""
    offer.refresh_from_db()
    return comparable(list(getattr(offer, name).all()) if name in MULTIVALUED else getattr(offer, name))


def comparable(value):
    """Return questions as JSON, since a sample and a stored one have different pks; other values as they are."""
    if isinstance(value, list):
        return [row.serialize() if isinstance(row, Question) else row for row in value]
    return value


def test_posting_pages_render_every_form_field(client, company, offer):
    """A field that a template leaves out is missing from the posted data, and its stored value would be lost."""
    draft = make_offer(company=company, status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    pages = [reverse("posting:new"), reverse("posting:edit", args=[offer.pk])]
    pages += [reverse("posting:step", args=[draft.pk, form.slug]) for form in STEPS]
    for page in pages:
        response = client.get(page)
        html = response.content.decode()
        for form in response.context.get("forms") or [response.context["form"]]:
            # Without suggested skills the checkboxes have no options.
            names = {bound.html_name for bound in form} - {"chosen"}
            if "forms" in response.context:
                names.discard("version")
            assert [name for name in names if f'name="{name}"' not in html] == [], page


@parametrize_names([name for name in EDITABLE if BY_NAME[name].material])
def test_change_of_a_material_field_waits_for_review_and_is_applied(client, offer, name):
    posted, expected = sample(name)
    before = value(offer, name)
    response = post_edit_form(client, offer, **posted)
    assert response.status_code == 302, [form.errors for form in response.context["forms"]]
    assert value(offer, name) == before != comparable(expected)
    revision = offer.revisions.get(status=RevisionStatus.WAITING)
    assert revision.changes[name] == serialize({name: expected})[name]
    ((case),) = build_cases(waiting_offers())
    (difference,) = [each for each in case.differences if each.name == name]
    assert difference.before != difference.after
    # The form starts with the proposed values, and posting it unchanged changes nothing.
    response = post_edit_form(client, offer)
    assert response.status_code == 302, [form.errors for form in response.context["forms"]]
    assert offer.revisions.get(status=RevisionStatus.WAITING).changes == revision.changes
    offer.refresh_from_db()
    offer.accept(make_superuser())
    assert value(offer, name) == comparable(expected)


@parametrize_names([name for name in EDITABLE if not BY_NAME[name].material])
def test_change_of_an_immaterial_field_is_saved_without_review(client, offer, name):
    posted, expected = sample(name)
    assert value(offer, name) != comparable(expected)
    assert post_edit_form(client, offer, **posted).status_code == 302
    assert value(offer, name) == comparable(expected)
    assert not offer.revisions.exists()


@parametrize_names(EDITABLE)
def test_trusted_company_changes_every_field_without_review(client, company, offer, name):
    company.trusted = True
    company.save()
    posted, expected = sample(name)
    assert post_edit_form(client, offer, **posted).status_code == 302
    assert value(offer, name) == comparable(expected)
    assert not offer.revisions.exists()


@parametrize_names(EDITABLE)
def test_wizard_step_saves_each_of_its_fields(client, company, name):
    offer = make_draft(company)
    posted, expected = sample(name)
    url = reverse("posting:step", args=[offer.pk, BY_NAME[name].step])
    data = initial_data(client.get(url).context["form"])
    assert client.post(url, {**data, **posted}).status_code == 302
    assert value(offer, name) == comparable(expected)


@parametrize_names(OFFER_FIELDS)
def test_duplicate_has_the_copied_fields_and_no_others(offer, name):
    now = timezone.now()
    others = {"external_reference": "R-7", "confirmed_at": now, "waiting_since": now}
    if name == "closed_at":
        others = {"status": OfferStatus.FILLED, "closed_at": now}
    Offer.objects.filter(pk=offer.pk).update(**others, created_at=now - timedelta(days=3))
    if name in EDITABLE:
        change(offer, name, {"fully_remote": True, "remote_days": 5} if name == "fully_remote" else None)
    offer = Offer.objects.get(pk=offer.pk)
    original = value(offer, name)
    assert original not in (None, "", [], False), f"{name} needs a value, or the test would prove nothing"
    copy = drafts.duplicate_offer(offer)
    assert (value(copy, name) == original) is BY_NAME[name].copied


@parametrize_names(FACTS)
def test_fact_is_on_the_offer_page_and_in_the_feed(client, name):
    ((_, code),) = [sample(name)]
    offer = make_offer(**{name: code})
    fact = BY_NAME[name].fact(getattr(offer, f"get_{name}_display")())
    assert fact in client.get(offer.get_absolute_url()).content.decode()
    assert fact in client.get(reverse("catalogue:feed", args=["json"])).content.decode()
