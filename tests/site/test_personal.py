"""The register of personal data: complete, and true in what it finds, hands over and erases."""

import json
from datetime import timedelta

import pytest
from django.apps import apps as registry
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.test.utils import isolate_apps
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from jobboard.accounts.models import User
from jobboard.contact.models import Lead
from jobboard.privacy import registry as personal
from jobboard.privacy.registry import ErasureRefused, Part, Person
from offers.companies.models import Membership
from tests.factories import make_company, make_lead, make_user

pytestmark = pytest.mark.django_db


def test_somebody_speaks_for_every_model_and_every_field_with_personal_data():
    assert personal.uncovered() == []
    assert personal.outdated() == []
    for part in personal.parts():
        assert part.retention, part.title
        assert part.fields, part.title
    titles = [part.title for part in personal.parts()]
    assert len(titles) == len(set(titles))


@isolate_apps("tests")
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("found", models.EmailField()),
        ("found", PhoneNumberField()),
        ("found", models.FileField()),
        ("found", models.GenericIPAddressField()),
        ("found", models.JSONField()),
        ("found", models.ForeignKey(User, models.CASCADE, related_name="+")),
        ("found", models.ManyToManyField(User, related_name="+")),
        ("found", models.OneToOneField(Lead, models.CASCADE, related_name="+")),
        ("last_name", models.CharField()),
        ("notes", models.TextField()),
        ("home_address", models.CharField()),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_new_model_or_field_that_could_name_somebody_is_found(monkeypatch, name, field):
    def make(title, of):
        meta = type("Meta", (), {"app_label": "tests"})
        return type(title, (models.Model,), {"__module__": "tests.models", "Meta": meta, name: of})

    model, plain = make("Stray", field), make("Plain", models.PositiveIntegerField())
    known = registry.get_models
    monkeypatch.setattr(registry, "get_models", lambda *args, **options: [*known(*args, **options), model, plain])
    assert personal.uncovered() == ["tests.Stray"]

    monkeypatch.setattr(personal, "_parts", dict(personal._parts))
    personal.register(model, "Essai")(type("Essai", (Part,), {"retention": "un jour", "fields": ["pk"]}))
    # A file is handed over beside the fields.
    assert personal.uncovered() == ([] if isinstance(field, models.FileField) else [f"tests.Stray.{name}"])
    personal._parts[model].withheld = {name: "a reason"}
    assert personal.uncovered() == personal.outdated() == []
    personal._parts[model].withheld = {name: "a reason", "gone": "a reason"}
    assert personal.outdated() == ["tests.Stray.gone"]
    monkeypatch.setattr(personal, "_exempt", {**personal._exempt, "tests.gone": "a reason", "tests.stray": "a reason"})
    assert personal.outdated() == ["tests.Stray.gone", "tests.gone", "tests.stray"]


def test_nobody_has_nothing():
    make_lead()
    make_user()
    assert personal.export(Person()) == {}
    assert personal.export(Person.with_address("")) == {}
    assert personal.export(Person.with_address("personne@ailleurs.example")) == {}
    assert personal.erase(Person()) == {}


def test_everything_about_an_address_is_handed_over_and_nothing_of_others(django_assert_max_num_queries):
    user = make_user(email="anne@example.org", first_name="Anne")
    Membership.objects.create(company=make_company(name="Ateliers"), user=user)
    for _ in range(3):
        make_lead(email="Anne@Example.org", phone="+33612345678", notes="Rappeler lundi.")
    make_lead(email="joanne@example.org", owner=user)
    with django_assert_max_num_queries(len(personal.parts()) + 5):
        found = json.loads(json.dumps(personal.export(Person.with_address(" ANNE@example.org")), default=str))
    assert found["Compte"][0]["adresse e-mail"] == "anne@example.org"
    [membership] = found["Entreprises"]
    assert (membership["entreprise"], membership["rôle"]) == ("Ateliers", "propriétaire")
    assert len(found["Demandes de contact"]) == 3
    assert found["Demandes de contact"][0]["notes"] == "Rappeler lundi."
    assert found["Demandes de contact"][0]["état"] == "nouvelle"
    assert "joanne" not in str(found)


def test_an_account_alone_opens_nothing_that_merely_bears_its_address():
    user = make_user(email="anne@example.org")
    make_lead(email="anne@example.org")
    assert set(personal.export(Person(user=user))) == {"Compte", "Adresses e-mail"}


def test_erasure_takes_the_rows_and_leaves_those_of_others():
    user = make_user(email="anne@example.org")
    Membership.objects.create(company=make_company(), user=user)
    make_lead(email="ANNE@example.org")
    kept = make_lead(email="joanne@example.org", owner=user)
    person = Person.with_address("anne@example.org")
    counts = {"accounts.User": 1, "account.EmailAddress": 1, "companies.Membership": 1, "contact.Lead": 1}
    assert personal.erase(person) == counts
    assert personal.export(Person.with_address("anne@example.org")) == {}
    kept.refresh_from_db()
    assert kept.owner is None
    assert personal.erase(person) == {}


def test_an_address_that_another_account_has_added_is_found():
    account = make_user(email="paul@example.org")
    account.emailaddress_set.create(email="Anne@example.org", verified=False)
    person = Person.with_address("anne@example.org")
    (found,) = personal.export(person)["Adresses e-mail"]
    assert "Anne@example.org" in found.values()
    assert personal.erase(person) == {"account.EmailAddress": 1}
    assert [address.email for address in account.emailaddress_set.all()] == ["paul@example.org"]


def test_what_stands_in_the_way_keeps_everything_as_it_was():
    user = make_user(email="anne@example.org", is_staff=True)
    make_lead(email="anne@example.org")
    with pytest.raises(ErasureRefused) as refused:
        personal.erase(Person.with_address("anne@example.org"))
    assert "compte de l’équipe" in refused.value.reasons[0]
    assert User.objects.filter(pk=user.pk).exists()
    assert Lead.objects.exists()


def test_files_go_once_it_is_certain_that_the_rows_are_gone(monkeypatch, django_capture_on_commit_callbacks):
    # No model here has files: a lead stands for one that does.
    name = default_storage.save("cv.pdf", ContentFile(b"%PDF"))
    file = models.fields.files.FieldFile(Lead(), models.FileField(name="cv"), name)
    leads = next(part for part in personal.parts() if part.model is Lead)
    monkeypatch.setattr(leads, "files", lambda rows: [file] * rows.count())
    make_lead(email="anne@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        personal.erase(Person(email="anne@example.org"))
        assert default_storage.exists(name)
    assert not default_storage.exists(name)


def test_what_is_past_its_time(settings):
    settings.LEAD_RETENTION_DAYS = 30
    old = make_lead(created_at=timezone.now() - timedelta(days=31))
    make_lead()
    overdue = [row for part in personal.parts() for row in part.overdue(timezone.now())]
    assert overdue == [old]
