"""The register of personal data: complete, and true in what it finds, hands over and erases."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.test.utils import isolate_apps
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from jobboard.accounts.models import User
from jobboard.contact.models import Lead
from jobboard.privacy import registry
from jobboard.privacy.registry import ErasureRefused, Person, PersonalDataSource
from offers.companies.models import Membership
from tests.factories import make_company, make_lead, make_user

pytestmark = pytest.mark.django_db


def test_somebody_speaks_for_every_model_and_every_field_with_personal_data():
    assert registry.undeclared() == []
    assert registry.stale_declarations() == []
    for source in registry.sources():
        assert source.retention, source.title
        assert source.fields, source.title
    titles = [source.title for source in registry.sources()]
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
    known = apps.get_models
    monkeypatch.setattr(apps, "get_models", lambda *args, **options: [*known(*args, **options), model, plain])
    assert registry.undeclared() == ["tests.Stray"]

    monkeypatch.setattr(registry, "_sources", dict(registry._sources))
    registry.register(model, "Essai")(type("Essai", (PersonalDataSource,), {"retention": "un jour", "fields": ["pk"]}))
    # A file is handed over beside the fields.
    assert registry.undeclared() == ([] if isinstance(field, models.FileField) else [f"tests.Stray.{name}"])
    registry._sources[model].withheld = {name: "a reason"}
    assert registry.undeclared() == registry.stale_declarations() == []
    registry._sources[model].withheld = {name: "a reason", "gone": "a reason"}
    assert registry.stale_declarations() == ["tests.Stray.gone"]
    monkeypatch.setattr(registry, "_exempt", {**registry._exempt, "tests.gone": "a reason", "tests.stray": "a reason"})
    assert registry.stale_declarations() == ["tests.Stray.gone", "tests.gone", "tests.stray"]


def test_nobody_has_nothing():
    make_lead()
    make_user()
    assert registry.export(Person()) == {}
    assert registry.export(Person.from_email("")) == {}
    assert registry.export(Person.from_email("personne@ailleurs.example")) == {}
    assert registry.erase(Person()) == {}


def test_everything_about_an_address_is_handed_over_and_nothing_of_others(django_assert_max_num_queries):
    user = make_user(email="anne@example.org", first_name="Anne")
    Membership.objects.create(company=make_company(name="Ateliers"), user=user)
    for _ in range(3):
        make_lead(email="Anne@Example.org", phone="+33612345678", notes="Rappeler lundi.")
    make_lead(email="joanne@example.org", owner=user)
    with django_assert_max_num_queries(len(registry.sources()) + 5):
        found = json.loads(json.dumps(registry.export(Person.from_email(" ANNE@example.org")), default=str))
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
    assert set(registry.export(Person(user=user))) == {"Compte", "Adresses e-mail"}


def test_erasure_takes_the_rows_and_leaves_those_of_others():
    user = make_user(email="anne@example.org")
    Membership.objects.create(company=make_company(), user=user)
    make_lead(email="ANNE@example.org")
    kept = make_lead(email="joanne@example.org", owner=user)
    person = Person.from_email("anne@example.org")
    counts = {"accounts.User": 1, "account.EmailAddress": 1, "companies.Membership": 1, "contact.Lead": 1}
    assert registry.erase(person) == counts
    assert registry.export(Person.from_email("anne@example.org")) == {}
    kept.refresh_from_db()
    assert kept.owner is None
    assert registry.erase(person) == {}


def test_an_address_that_another_account_has_added_is_found():
    account = make_user(email="paul@example.org")
    account.emailaddress_set.create(email="Anne@example.org", verified=False)
    person = Person.from_email("anne@example.org")
    (found,) = registry.export(person)["Adresses e-mail"]
    assert "Anne@example.org" in found.values()
    assert registry.erase(person) == {"account.EmailAddress": 1}
    assert [address.email for address in account.emailaddress_set.all()] == ["paul@example.org"]


def test_what_stands_in_the_way_keeps_everything_as_it_was():
    user = make_user(email="anne@example.org", is_staff=True)
    make_lead(email="anne@example.org")
    with pytest.raises(ErasureRefused) as refused:
        registry.erase(Person.from_email("anne@example.org"))
    assert "compte de l’équipe" in refused.value.reasons[0]
    assert User.objects.filter(pk=user.pk).exists()
    assert Lead.objects.exists()


def test_files_go_once_it_is_certain_that_the_rows_are_gone(monkeypatch, django_capture_on_commit_callbacks):
    # No model here has files: a lead stands for one that does.
    name = default_storage.save("cv.pdf", ContentFile(b"%PDF"))
    file = models.fields.files.FieldFile(Lead(), models.FileField(name="cv"), name)
    leads = next(source for source in registry.sources() if source.model is Lead)
    monkeypatch.setattr(leads, "files", lambda rows: [file] * rows.count())
    make_lead(email="anne@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        registry.erase(Person(email="anne@example.org"))
        assert default_storage.exists(name)
    assert not default_storage.exists(name)


def test_what_is_past_its_time(settings):
    settings.LEAD_RETENTION_DAYS = 30
    old = make_lead(created_at=timezone.now() - timedelta(days=31))
    make_lead()
    overdue = [row for source in registry.sources() for row in source.past_retention(timezone.now())]
    assert overdue == [old]
