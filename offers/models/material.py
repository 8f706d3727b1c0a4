"""Versions of an offer: its material fields (`offers/fields.py`), whose changes a moderator reads before the public.

A version is a dictionary by field name, in JSON. A row of another table is stored with its name, so that an old version
can be read when the row has gone.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from jobboard.text.numbers import thousands
from offers.fields import BY_NAME, MATERIAL, POINTERS, ROWS


class Difference(NamedTuple):
    name: str
    label: str
    before: str
    after: str


def version(offer) -> dict[str, Any]:
    """Return the version that `offer` holds. Rows of other tables are read from the database."""
    return encoded({name: getattr(offer, name).all() if name in ROWS else getattr(offer, name) for name in MATERIAL})


def encoded(values: dict) -> dict[str, Any]:
    """Return the material fields of `values`, as a form has them, as a version has them."""
    return {name: _encoded(name, value) for name, value in values.items() if name in MATERIAL}


def _encoded(name: str, value) -> Any:
    if name in ROWS:
        return [_pointer(row) for row in sorted(value, key=lambda row: row.pk)]
    return _pointer(value) if name in POINTERS else value


def _pointer(row) -> dict | None:
    return row and {"pk": row.pk, "text": str(row)}


def assign(offer, version: dict, *, pointers: bool = True) -> None:
    """Set the fields of `offer`, in memory, to those of `version`; rows of other tables are left to `assign_rows`.

    Without `pointers` foreign keys stay as they are too, with the rows that are loaded for them.
    """
    for name, value in version.items():
        if name in POINTERS:
            if pointers:
                setattr(offer, f"{name}_id", value and value["pk"])
        elif name not in ROWS:
            setattr(offer, name, value)


def assign_rows(offer, version: dict) -> None:
    """Write the many-to-many rows of `version`, as far as they still exist."""
    for name in ROWS & version.keys():
        related = getattr(offer, name)
        related.set(related.model.objects.filter(pk__in=pks(version[name])))


def pks(rows: Iterable[dict]) -> list[int]:
    """Return the primary keys of the rows that a version holds."""
    return [row["pk"] for row in rows]


def key(name: str, value) -> Any:
    """Return what makes two values of a field equal, whatever the rows they point at are called."""
    if name in ROWS:
        return sorted(pks(value or ()))
    if name in POINTERS:
        return value and value["pk"]
    # Browsers send "\r\n" from text areas.
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def changed(before: dict, after: dict) -> dict[str, Any]:
    """Return the values of `after` that differ from those of `before`."""
    return {name: value for name, value in after.items() if key(name, value) != key(name, before.get(name))}


def differences(offer_model, before: dict, after: dict) -> list[Difference]:
    """Return the changes from one version to the other, in words and in the order of the declarations."""
    return [
        Difference(name, _label(offer_model, name), shown(offer_model, name, before.get(name)), text)
        for name in MATERIAL
        if name in after
        and key(name, before.get(name)) != key(name, after[name])
        and (text := shown(offer_model, name, after[name])) is not None
    ]


def _label(offer_model, name: str) -> str:
    return BY_NAME[name].label or str(offer_model._meta.get_field(name).verbose_name)


def shown(offer_model, name: str, value) -> str:
    """Return a value as people read it."""
    if value in (None, "", []):
        return ""
    if name in ROWS:
        return ", ".join(each["text"] for each in value)
    if name in POINTERS:
        return value["text"]
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in ("pay_min", "pay_max"):
        return thousands(value)
    choices = dict(offer_model._meta.get_field(name).flatchoices)
    return str(choices.get(value, value))
