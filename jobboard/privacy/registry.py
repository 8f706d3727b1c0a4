"""Registry of the models with personal data: how to export, erase and expire the rows about one person.

Each app declares its models in a module named `personal`, which `autodiscover` imports. The export and the deletion of
an account, requests by e-mail address in the admin, the nightly purge, the privacy page and the record of processing
activities all read this registry.

    @register(Lead, "Demandes de contact")
    class LeadDataSource(PersonalDataSource):
        activity = CONTACT
        retention = "trois ans après le dernier contact"
        fields = ["name", "email", "message"]

        def get_queryset(self, person):
            return filter_by_email(Lead.objects.all(), person)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.utils.module_loading import autodiscover_modules

from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.files import delete_after_commit
from jobboard.text.dates import waiting_time
from jobboard.text.emails import clean_email
from jobboard.text.numbers import counted


@dataclass(frozen=True)
class Person:
    """The person a request is about: an account, a verified e-mail address of theirs, or both.

    An address gives access to every row that contains it, even rows entered by others. Pass one only when it is
    proven to be theirs: by a confirmed account, or by an identity check of a curator.
    """

    user: AbstractBaseUser | None = None
    email: str = ""

    @classmethod
    def from_email(cls, email: str) -> "Person":
        """Return the owner of an e-mail address, with the account that signs in with it if there is one."""
        email = clean_email(email)
        return cls(user=get_user_model().objects.filter(email__iexact=email).first() if email else None, email=email)


class ErasureRefused(Exception):
    """The rows cannot be erased now; `reasons` are French sentences for the user."""

    def __init__(self, reasons: list[str]):
        super().__init__(len(reasons))
        self.reasons = reasons


class PersonalDataSource:
    """The personal data of one model. Subclasses define `activity`, `retention`, `fields` and `get_queryset`."""

    # The processing activity that the rows belong to, in the record of `jobboard.privacy.processing`.
    activity: ProcessingActivity | None = None
    # How long rows are stored and from when; completes the sentence “gardées …” on the privacy page.
    retention: str
    # Exported names: model fields, or methods of the source (called with the row) or of the model.
    fields: list[str] = []
    # French names of exported fields of libraries that have no French one.
    field_labels: dict[str, str] = {}
    # French names of further data that is stored and not exported, for the record of processing activities.
    not_exported: tuple[str, ...] = ()
    # Identifying fields that are not exported, by name, with the reason; see `undeclared`.
    withheld: dict[str, str] = {}

    def __init__(self, model: type[models.Model], title: str):
        self.model = model
        self.title = title

    def get_queryset(self, person: Person) -> models.QuerySet:
        """Return the rows about `person`; it must be empty when neither the account nor the address matches."""
        raise NotImplementedError

    def export(self, row: models.Model) -> dict[str, Any]:
        """Return one row as JSON-serializable values by French label."""
        return {self._label(name): self._value(row, name) for name in self.fields}

    def labels(self) -> list[str]:
        """Return the French names of the stored data: exported fields, files, and the rest."""
        return [*map(self._label, [*self.fields, *self._file_fields()]), *self.not_exported]

    def _file_fields(self) -> list[str]:
        return [field.name for field in self.model._meta.concrete_fields if isinstance(field, models.FileField)]

    def files(self, rows: models.QuerySet) -> Iterator[models.fields.files.FieldFile]:
        """Yield the files of `rows`, which are exported and deleted with them."""
        if names := self._file_fields():
            yield from (file for row in rows.iterator() for name in names if (file := getattr(row, name)))

    def erasure_blockers(self, person: Person) -> list[str]:
        """Return the reasons why the rows of `person` cannot be erased now: French sentences that also say how to
        proceed."""
        return []

    def erase(self, rows: models.QuerySet) -> int:
        """Delete or anonymize `rows` and return their count. Files are deleted after commit."""
        with transaction.atomic():
            # Lock the rows until they are deleted: a file could otherwise be replaced, or moved to another row.
            list(rows.select_for_update(of=("self",)).select_related(None).order_by().only("pk"))
            files = list(self.files(rows))
            _, counts = rows.delete()
            for file in files:
                delete_after_commit(file)
        return counts.get(self.model._meta.label, 0)

    def past_retention(self, at: datetime) -> models.QuerySet:
        """Return the rows of all people whose retention period has ended at `at`."""
        return self.model._default_manager.none()

    def _label(self, name: str) -> str:
        if name in self.field_labels:
            return self.field_labels[name]
        try:
            return str(self.model._meta.get_field(name).verbose_name)
        except (FieldDoesNotExist, AttributeError):
            source = getattr(type(self), name, None) or getattr(self.model, name)
            return getattr(source, "short_description", name)

    def _value(self, row: models.Model, name: str) -> Any:
        if hasattr(type(self), name):
            return getattr(self, name)(row)
        display = getattr(row, f"get_{name}_display", None)
        value = display() if display else getattr(row, name)
        if isinstance(value, models.Manager):
            return [str(each) for each in value.all()]
        if callable(value):
            value = value()
        if value is None or isinstance(value, bool | int | float | dict | list | datetime):
            return value
        return str(value)


_sources: dict[type[models.Model], PersonalDataSource] = {}
_exempt: dict[str, str] = {}


def register(model: type[models.Model], title: str):
    """Class decorator: register a source for `model`, under the French `title` that exports and pages show."""

    def decorate(source: type[PersonalDataSource]):
        if model in _sources:
            raise ValueError(f"{model._meta.label} is registered already")
        _sources[model] = source(model, title)
        return source

    return decorate


def exempt_model(label: str, reason: str) -> None:
    """Declare that the model `label` (“app.Model”) needs no source, and why."""
    _exempt[label.lower()] = reason


def sources() -> list[PersonalDataSource]:
    """Return all sources in order of registration: accounts come before the rows that reference them."""
    return list(_sources.values())


# Reasons for `withheld`.
OWN_ACCOUNT = "the account of the person, by which the row was selected"
OTHER_PERSON = "another person, who acted on this row"

# Words in field names that suggest that the field identifies a person or contains text written by one.
_IDENTIFYING_WORDS = {
    *("name", "email", "mail", "phone", "telephone", "mobile", "address", "contact", "agent", "ip"),
    *("message", "note", "notes", "text", "comment", "comments", "explanation", "reason", "answer", "answers"),
    *("data", "args", "kwargs", "payload", "result"),
}


def undeclared() -> list[str]:
    """Return the models and fields that could identify a person and are not declared.

    That is models (“app.Model”) that are neither registered nor exempt, and fields (“app.Model.field”) of registered
    models that are neither exported nor withheld.
    """
    from django.apps import apps

    labels = []
    for model in apps.get_models(include_auto_created=True):
        label, source = model._meta.label, _sources.get(model)
        identifying = [] if label.lower() in _exempt and not source else _identifying_fields(model)
        if source:
            # Files are exported without being listed in `fields`.
            files = {field.name for field in model._meta.concrete_fields if isinstance(field, models.FileField)}
            declared = {*source.withheld, *files, *(name.removeprefix("get_") for name in source.fields)}
            labels += [f"{label}.{name}" for name in identifying if name not in declared]
        elif identifying and not (model._meta.auto_created and model._meta.auto_created in _sources):
            labels.append(label)
    return sorted(labels)


def stale_declarations() -> list[str]:
    """Return the exempt models and withheld fields that no longer exist or are declared twice."""
    from django.apps import apps

    models_by_label = {model._meta.label_lower: model for model in apps.get_models()}
    labels = [label for label in _exempt if label not in models_by_label or models_by_label[label] in _sources]
    for source in sources():
        names = set(_identifying_fields(source.model)) - set(source.fields)
        labels += [f"{source.model._meta.label}.{name}" for name in source.withheld if name not in names]
    return sorted(labels)


def _identifying_fields(model) -> list[str]:
    """Return the names of the fields that could identify a person, judged by their class, target model or name."""
    from phonenumber_field.modelfields import PhoneNumberField

    kinds = (models.EmailField, models.FileField, models.GenericIPAddressField, models.JSONField, models.BinaryField)
    kinds += (PhoneNumberField,)
    texts = (models.CharField, models.TextField)
    people = {get_user_model(), *_sources}
    return [
        field.name
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if isinstance(field, kinds)
        or field.related_model in people
        or (isinstance(field, texts) and not _IDENTIFYING_WORDS.isdisjoint(field.name.split("_")))
    ]


class AnonymizedRow:
    """Replaces a row in the admin’s log, where it is described by its pk instead of its personal data."""

    def __init__(self, row: models.Model):
        self._meta, self.pk = row._meta, row.pk

    def __str__(self):
        return f"{self._meta.verbose_name} n°\u00a0{self.pk}"


def anonymized(row: models.Model) -> models.Model | AnonymizedRow:
    """Return `row`, or an `AnonymizedRow` if its model is registered, for an entry of the admin’s log."""
    return AnonymizedRow(row) if type(row) in _sources else row


def format_period(period: int | timedelta) -> str:
    """Return a retention period in French, given as days or as a timedelta: “3 ans”, “3 mois”, “2 heures”."""
    if isinstance(period, timedelta):
        hours, seconds = divmod(period.total_seconds(), 3600)
        if seconds:
            return waiting_time(period.total_seconds())
        if hours % 24:
            return counted(int(hours), "heure")
    days = period.days if isinstance(period, timedelta) else period
    years, rest = divmod(days, 365)
    if years and not rest:
        return counted(years, "an")
    if 60 <= days < 365 and days % 30 == 0:
        return f"{days // 30}\u00a0mois"
    return counted(days, "jour")


def filter_by_account(rows: models.QuerySet, person: Person, field: str = "user") -> models.QuerySet:
    """Return the rows whose foreign key `field` is the person’s account."""
    return rows.filter(**{field: person.user}) if person.user else rows.none()


def filter_by_email(rows: models.QuerySet, person: Person, field: str = "email") -> models.QuerySet:
    """Return the rows whose `field` is the person’s e-mail address, ignoring case."""
    return rows.filter(**{f"{field}__iexact": person.email}) if person.email else rows.none()


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return the personal data of `person`: exported rows by title of their source, without empty sources."""
    exported = {
        source.title: [source.export(row) for row in source.get_queryset(person).iterator()] for source in sources()
    }
    return {title: rows for title, rows in exported.items() if rows}


def erasure_blockers(person: Person) -> list[str]:
    """Return the reasons of all sources why `person` cannot be erased now, as French sentences."""
    return [reason for source in sources() for reason in source.erasure_blockers(person)]


def erase(person: Person) -> dict[str, int]:
    """Erase all personal data of `person` in one transaction and return the row counts by model label.

    Raises ErasureRefused. The account is deleted last, after the rows that reference it.
    """
    with transaction.atomic():
        if person.user:
            # Lock the account, so that concurrent requests of the same user wait.
            get_user_model().objects.select_for_update().filter(pk=person.user.pk).first()
        if reasons := erasure_blockers(person):
            raise ErasureRefused(reasons)
        counts = {source.model._meta.label: source.erase(source.get_queryset(person)) for source in reversed(sources())}
    return {label: count for label, count in counts.items() if count}


class ActionLogSource(PersonalDataSource):
    """Rows that log actions of a user: they are stored without the account once it is deleted."""

    retention = "aussi longtemps que ce qu’ils concernent\u00a0; sans le nom dès que le compte est supprimé"
    actor_field = "by"

    def get_queryset(self, person):
        return filter_by_account(self.model.objects.all(), person, self.actor_field)

    def erase(self, rows):
        return rows.update(**{self.actor_field: None})


def autodiscover() -> None:
    """Import the module `personal` of each installed app, which registers its sources."""
    autodiscover_modules("personal")
