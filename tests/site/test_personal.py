"""The registry of personal data: declares every field, exports and erases the data of one person only."""

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


def test_every_model_and_field_with_personal_data_is_declared():
    assert registry.undeclared() == []
    assert registry.stale_declarations() == []
    for source in registry.sources():
        assert source.retention, source.title
        assert source.fields, source.title
        assert source.activity, f"{source.title} belongs to no processing activity"
    titles = [source.title for source in registry.sources()]
    assert len(titles) == len(set(titles))


@isolate_apps("tests")
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("field", models.EmailField()),
        ("found", PhoneNumberField()),
        ("field", models.FileField()),
        ("field", models.GenericIPAddressField()),
        ("field", models.JSONField()),
        ("field", models.ForeignKey(User, models.CASCADE, related_name="+")),
        ("field", models.ManyToManyField(User, related_name="+")),
        ("field", models.OneToOneField(Lead, models.CASCADE, related_name="+")),
        ("last_name", models.CharField()),
        ("notes", models.TextField()),
        ("home_address", models.CharField()),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_undeclared_model_or_field_is_reported(monkeypatch, name, field):
    def make_model(title, model_field):
        meta = type("Meta", (), {"app_label": "tests"})
        return type(title, (models.Model,), {"__module__": "tests.models", "Meta": meta, name: model_field})

    model, plain = make_model("Stray", field), make_model("Plain", models.PositiveIntegerField())
    get_models = apps.get_models
    monkeypatch.setattr(apps, "get_models", lambda *args, **options: [*get_models(*args, **options), model, plain])
    assert registry.undeclared() == ["tests.Stray"]

    monkeypatch.setattr(registry, "_sources", dict(registry._sources))
    registry.register(model, "Essai")(type("Essai", (PersonalDataSource,), {"retention": "un jour", "fields": ["pk"]}))
    # Files are exported apart from the fields.
    assert registry.undeclared() == ([] if isinstance(field, models.FileField) else [f"tests.Stray.{name}"])
    registry._sources[model].withheld = {name: "a reason"}
    assert registry.undeclared() == registry.stale_declarations() == []
    registry._sources[model].withheld = {name: "a reason", "gone": "a reason"}
    assert registry.stale_declarations() == ["tests.Stray.gone"]
    monkeypatch.setattr(registry, "_exempt", {**registry._exempt, "tests.gone": "a reason", "tests.stray": "a reason"})
    assert registry.stale_declarations() == ["tests.Stray.gone", "tests.gone", "tests.stray"]


def test_unknown_person_has_no_data():
    make_lead()
    make_user()
    assert registry.export(Person()) == {}
    assert registry.export(Person.from_email("")) == {}
    assert registry.export(Person.from_email("personne@ailleurs.example")) == {}
    assert registry.erase(Person()) == {}


def test_export_has_all_data_of_an_address_and_none_of_others(django_assert_max_num_queries):
    user = make_user(email="anne@example.org", first_name="Anne")
    Membership.objects.create(company=make_company(name="Ateliers"), user=user)
    for _ in range(3):
        make_lead(email="Anne@Example.org", phone="+33612345678", notes="Rappeler lundi.")
    make_lead(email="joanne@example.org", owner=user)
    with django_assert_max_num_queries(len(registry.sources()) + 5):
        exported = json.loads(json.dumps(registry.export(Person.from_email(" ANNE@example.org")), default=str))
    assert exported["Compte"][0]["adresse e-mail"] == "anne@example.org"
    [membership] = exported["Entreprises"]
    assert (membership["entreprise"], membership["rôle"]) == ("Ateliers", "propriétaire")
    assert len(exported["Demandes de contact"]) == 3
    assert exported["Demandes de contact"][0]["notes"] == "Rappeler lundi."
    assert exported["Demandes de contact"][0]["état"] == "nouvelle"
    assert "joanne" not in str(exported)


def test_export_by_account_excludes_rows_matched_by_address_only():
    user = make_user(email="anne@example.org")
    make_lead(email="anne@example.org")
    assert set(registry.export(Person(user=user))) == {"Compte", "Adresses e-mail"}


def test_erasure_deletes_the_rows_of_the_person_only():
    user = make_user(email="anne@example.org")
    Membership.objects.create(company=make_company(), user=user)
    make_lead(email="ANNE@example.org")
    other = make_lead(email="joanne@example.org", owner=user)
    person = Person.from_email("anne@example.org")
    counts = {"accounts.User": 1, "account.EmailAddress": 1, "companies.Membership": 1, "contact.Lead": 1}
    assert registry.erase(person) == counts
    assert registry.export(Person.from_email("anne@example.org")) == {}
    other.refresh_from_db()
    assert other.owner is None
    assert registry.erase(person) == {}


def test_unverified_address_of_another_account_is_exported_and_erased():
    account = make_user(email="paul@example.org")
    account.emailaddress_set.create(email="Anne@example.org", verified=False)
    person = Person.from_email("anne@example.org")
    (exported,) = registry.export(person)["Adresses e-mail"]
    assert "Anne@example.org" in exported.values()
    assert registry.erase(person) == {"account.EmailAddress": 1}
    assert [address.email for address in account.emailaddress_set.all()] == ["paul@example.org"]


def test_refused_erasure_deletes_nothing():
    user = make_user(email="anne@example.org", is_staff=True)
    make_lead(email="anne@example.org")
    with pytest.raises(ErasureRefused) as refusal:
        registry.erase(Person.from_email("anne@example.org"))
    assert "compte de l’équipe" in refusal.value.reasons[0]
    assert User.objects.filter(pk=user.pk).exists()
    assert Lead.objects.exists()


def test_files_are_deleted_after_the_commit(monkeypatch, django_capture_on_commit_callbacks):
    # A lead with a file, as no model of these apps has one.
    name = default_storage.save("cv.pdf", ContentFile(b"%PDF"))
    field_file = models.fields.files.FieldFile(Lead(), models.FileField(name="cv"), name)
    leads = next(source for source in registry.sources() if source.model is Lead)
    monkeypatch.setattr(leads, "files", lambda rows: [field_file] * rows.count())
    make_lead(email="anne@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        registry.erase(Person(email="anne@example.org"))
        assert default_storage.exists(name)
    assert not default_storage.exists(name)


def test_rows_past_their_retention_are_overdue(settings):
    settings.LEAD_RETENTION_DAYS = 30
    old = make_lead(created_at=timezone.now() - timedelta(days=31))
    make_lead()
    overdue = [row for source in registry.sources() for row in source.past_retention(timezone.now())]
    assert overdue == [old]
