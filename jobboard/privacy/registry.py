"""What the site knows of a person: the one register of models with personal data.

Each room says in its module `personal` what its models hold: how to find somebody's rows, what to hand over, how to
erase it, how long it may be kept. The export and the deletion of an account read this register, and so does whoever
answers a request by an email address. Nothing here knows a room: they are found by `autodiscover`.

    @register(Lead, "Demandes de contact")
    class Leads(Part):
        retention = "trois ans après le dernier contact"
        fields = ["name", "email", "message"]

        def of(self, person):
            return by_address(Lead.objects.all(), person, "email")
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Person:
    """Who is asked about: an account, an address that is known to be theirs, or both.

    An address opens every row that bears it, whoever wrote it there. So it is given only once it is proven: by a
    confirmed account, or by a curator who has checked who asks.
    """

    user: AbstractBaseUser | None = None
    email: str = ""

    @classmethod
    def with_address(cls, email: str) -> "Person":
        """The person that an address belongs to, with the account that signs in by it."""
        email = email.strip()
        return cls(user=get_user_model().objects.filter(email__iexact=email).first() if email else None, email=email)


class ErasureRefused(Exception):
    """Something must happen first; `reasons` says what, in French, for whoever asked."""

    def __init__(self, reasons: list[str]):
        super().__init__(len(reasons))
        self.reasons = reasons


class Part:
    """What one model holds about people. A subclass says at least `retention`, `fields` and `of`."""

    # How long a row is kept and from when, in words that complete “gardées …”.
    retention: str
    # Names of what is handed over: fields, or methods of the part or the model that take a row or nothing.
    fields: list[str] = []
    # Fields that could name somebody and are not handed over, with the reason, for whoever reviews it: `uncovered`.
    withheld: dict[str, str] = {}

    def __init__(self, model: type[models.Model], title: str):
        self.model = model
        self.title = title

    def of(self, person: Person) -> models.QuerySet:
        """The rows that are about `person`. Must give none where neither an account nor an address fits."""
        raise NotImplementedError

    def export(self, row: models.Model) -> dict[str, Any]:
        """One row as it is handed over: the names that people read, and values that JSON can carry."""
        return {self._label(name): self._value(row, name) for name in self.fields}

    def files(self, rows: models.QuerySet) -> Iterator[models.fields.files.FieldFile]:
        """The files that belong to `rows`, to hand over or to delete with them."""
        names = [field.name for field in self.model._meta.concrete_fields if isinstance(field, models.FileField)]
        if names:
            yield from (file for row in rows.iterator() for name in names if (file := getattr(row, name)))

    def obstacles(self, person: Person) -> list[str]:
        """Why this person’s rows cannot be erased now, a sentence each; what can be done about it included."""
        return []

    def erase(self, rows: models.QuerySet) -> int:
        """Delete `rows`, or take out of them what names a person; how many. Files go once that is certain."""
        with transaction.atomic():
            # Held as they are until they are gone: a file may be replaced meanwhile, or handed on to another row.
            list(rows.select_for_update(of=("self",)).select_related(None).order_by().only("pk"))
            files = list(self.files(rows))
            _, numbers = rows.delete()
        for file in files:
            transaction.on_commit(lambda file=file: file.storage.delete(file.name), robust=True)
        return numbers.get(self.model._meta.label, 0)

    def overdue(self, at: datetime) -> models.QuerySet:
        """The rows, whomever they are about, that may no longer be kept at `at`."""
        return self.model._default_manager.none()

    def _label(self, name: str) -> str:
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


_parts: dict[type[models.Model], Part] = {}
_exempt: dict[str, str] = {}


def register(model: type[models.Model], title: str):
    """Class decorator: this part speaks for `model`, under `title` in what people are handed."""

    def decorate(part: type[Part]):
        if model in _parts:
            raise ValueError(f"{model._meta.label} is registered already")
        _parts[model] = part(model, title)
        return part

    return decorate


def exempt(label: str, why: str) -> None:
    """Declare that a model (“app.Model”) needs no part of its own, and why."""
    _exempt[label.lower()] = why


def parts() -> list[Part]:
    """All of them, an account before what hangs on it."""
    return list(_parts.values())


# Why a link to an account is not handed over, in `withheld`.
WHO_ASKED = "who it is about, and by whom it was found"
SOMEBODY_ELSE = "another person, who did something about this row"

# Words in the name of a field that may hold what somebody wrote, or who they are.
_TELLING_WORDS = {
    *("name", "email", "mail", "phone", "telephone", "mobile", "address", "contact", "agent", "ip"),
    *("message", "note", "notes", "text", "comment", "comments", "explanation", "reason", "answer", "answers"),
    *("data", "args", "kwargs", "payload", "result"),
}


def uncovered() -> list[str]:
    """What could name a person and nobody answers for.

    Models (“app.Model”) that are neither registered nor exempt, and fields of registered ones (“app.Model.field”) that
    are neither handed over nor withheld for a reason.
    """
    from django.apps import apps

    found = []
    for model in apps.get_models(include_auto_created=True):
        label, part = model._meta.label, _parts.get(model)
        telling = [] if label.lower() in _exempt and not part else _telling_fields(model)
        if part:
            # A part hands over its files beside its fields.
            files = {field.name for field in model._meta.concrete_fields if isinstance(field, models.FileField)}
            said = {*part.withheld, *files, *(name.removeprefix("get_") for name in part.fields)}
            found += [f"{label}.{name}" for name in telling if name not in said]
        elif telling and not (model._meta.auto_created and model._meta.auto_created in _parts):
            found.append(label)
    return sorted(found)


def outdated() -> list[str]:
    """What is declared exempt or withheld and is not there, or is spoken for."""
    from django.apps import apps

    models_by_label = {model._meta.label_lower: model for model in apps.get_models()}
    found = [label for label in _exempt if label not in models_by_label or models_by_label[label] in _parts]
    for part in parts():
        names = set(_telling_fields(part.model)) - set(part.fields)
        found += [f"{part.model._meta.label}.{name}" for name in part.withheld if name not in names]
    return sorted(found)


def _telling_fields(model) -> list[str]:
    """The fields that could name a person, by what they are, what they link to, or how they are called."""
    from phonenumber_field.modelfields import PhoneNumberField

    kinds = (models.EmailField, models.FileField, models.GenericIPAddressField, models.JSONField, PhoneNumberField)
    texts = (models.CharField, models.TextField)
    people = {get_user_model(), *_parts}
    return [
        field.name
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if isinstance(field, kinds)
        or field.related_model in people
        or (isinstance(field, texts) and not _TELLING_WORDS.isdisjoint(field.name.split("_")))
    ]


class Unnamed:
    """Stands for a row where an act on it is written down: by its number, for what it says of people may go."""

    def __init__(self, row: models.Model):
        self._meta, self.pk = row._meta, row.pk

    def __str__(self):
        return f"{self._meta.verbose_name} n°\u00a0{self.pk}"


def unnamed(row: models.Model) -> models.Model | Unnamed:
    """The row as the admin’s history may call it: those of registered models by their number."""
    return Unnamed(row) if type(row) in _parts else row


def period(days: int) -> str:
    """A time that something is kept, in words: “3 ans”, “400 jours”."""
    years, rest = divmod(days, 365)
    if rest or not years:
        return f"{days}\u00a0jour{'s' if days > 1 else ''}"
    return f"{years}\u00a0an{'s' if years > 1 else ''}"


def by_account(rows: models.QuerySet, person: Person, field: str = "user") -> models.QuerySet:
    """Those of `rows` that hang on the person’s account."""
    return rows.filter(**{field: person.user}) if person.user else rows.none()


def by_address(rows: models.QuerySet, person: Person, field: str = "email") -> models.QuerySet:
    """Those of `rows` that bear the person’s address, however it is written."""
    return rows.filter(**{f"{field}__iexact": person.email}) if person.email else rows.none()


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Everything the site knows of a person, by the titles of the parts; those that hold nothing are left out."""
    found = {part.title: [part.export(row) for row in part.of(person).iterator()] for part in parts()}
    return {title: rows for title, rows in found.items() if rows}


def obstacles(person: Person) -> list[str]:
    """What stands in the way of erasing a person, a sentence each."""
    return [reason for part in parts() for reason in part.obstacles(person)]


def erase(person: Person) -> dict[str, int]:
    """Erase everything the site knows of a person, all of it or nothing; how many rows, by the model’s label.

    Raises ErasureRefused. The account comes last, after what hangs on it.
    """
    with transaction.atomic():
        if person.user:
            # Whatever else is being done to the account waits, or has been done.
            get_user_model().objects.select_for_update().filter(pk=person.user.pk).first()
        if reasons := obstacles(person):
            raise ErasureRefused(reasons)
        found = {part.model._meta.label: part.erase(part.of(person)) for part in reversed(parts())}
    return {label: number for label, number in found.items() if number}


class ActsOfAccount(Part):
    """Rows that record acts of an account holder: they stay without the name once the account is deleted."""

    retention = "aussi longtemps que ce qu’ils concernent\u00a0; sans le nom dès que le compte est supprimé"
    account = "by"

    def of(self, person):
        return by_account(self.model.objects.all(), person, self.account)

    def erase(self, rows):
        return rows.update(**{self.account: None})


def autodiscover() -> None:
    """Have every room declare its parts."""
    autodiscover_modules("personal")
