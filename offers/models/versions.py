"""Versions of an offer: its material fields (`offers/fields.py`), whose changes are moderated.

A version is a JSON object by field name. A related row is stored as its pk and its text, so that an old version is
readable after the row has been deleted.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from jobboard.text.numbers import thousands
from offers.fields import BY_NAME, FOREIGN_KEYS, MANY_TO_MANY, MATERIAL, MULTIVALUED, OWNED_ROWS


class Difference(NamedTuple):
    """A changed field: its name, its label, and both values as text."""

    name: str
    label: str
    before: str
    after: str


def version(offer) -> dict[str, Any]:
    """Return the version of `offer`. Rows of other tables are read from the database, unless they are prefetched."""
    return serialize(
        {name: getattr(offer, name).all() if name in MULTIVALUED else getattr(offer, name) for name in MATERIAL}
    )


def serialize(values: dict) -> dict[str, Any]:
    """Return the material fields among `values`, the cleaned data of a form, as a version."""
    return {name: _serialize(name, value) for name, value in values.items() if name in MATERIAL}


def _serialize(name: str, value) -> Any:
    if name in MANY_TO_MANY:
        return [_serialize_row(row) for row in sorted(value, key=lambda row: row.pk)]
    if name in OWNED_ROWS:
        return [row.serialize() for row in value]
    return _serialize_row(value) if name in FOREIGN_KEYS else value


def _serialize_row(row) -> dict | None:
    return row and {"pk": row.pk, "text": str(row)}


def assign(offer, version: dict, *, foreign_keys: bool = True) -> None:
    """Set the fields of `offer` from `version`, in memory. `assign_rows` sets the rows of other tables.

    With `foreign_keys=False`, foreign keys and their loaded rows are left unchanged.
    """
    for name, value in version.items():
        if name in FOREIGN_KEYS:
            if foreign_keys:
                setattr(offer, f"{name}_id", value and value["pk"])
        elif name not in MULTIVALUED:
            setattr(offer, name, value)


def assign_rows(offer, version: dict) -> None:
    """Save the related rows of `version` that still exist, and its own rows."""
    for name in MANY_TO_MANY & version.keys():
        related = getattr(offer, name)
        related.set(related.model.objects.filter(pk__in=row_pks(version[name])))
    for name in OWNED_ROWS & version.keys():
        getattr(offer, name).model.replace(offer, version[name])


def row_pks(rows: Iterable[dict]) -> list[int]:
    """Return the primary keys of serialized rows."""
    return [row["pk"] for row in rows]


def comparison_key(name: str, value) -> Any:
    """Return a value to compare two values of a field by: related rows compare by pk, text without line ends."""
    if name in MANY_TO_MANY:
        return sorted(row_pks(value or ()))
    if name in FOREIGN_KEYS:
        return value and value["pk"]
    # Browsers submit "\r\n" in textareas.
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def changed_fields(before: dict, after: dict) -> dict[str, Any]:
    """Return the values of `after` that differ from those of `before`."""
    return {
        name: value
        for name, value in after.items()
        if comparison_key(name, value) != comparison_key(name, before.get(name))
    }


def differences(offer_model, before: dict, after: dict) -> list[Difference]:
    """Return the differences between two versions in the order of the declarations."""
    return [
        Difference(name, field_label(offer_model, name), display_value(offer_model, name, before.get(name)), text)
        for name in MATERIAL
        if name in after
        and comparison_key(name, before.get(name)) != comparison_key(name, after[name])
        and (text := display_value(offer_model, name, after[name])) is not None
    ]


def field_label(offer_model, name: str) -> str:
    """Return the label of a field outside of forms."""
    return BY_NAME[name].label or str(offer_model._meta.get_field(name).verbose_name)


def display_value(offer_model, name: str, value) -> str:
    """Return a value of a version as French text."""
    if value in (None, "", []):
        return ""
    if name in MANY_TO_MANY:
        return ", ".join(each["text"] for each in value)
    if name in OWNED_ROWS:
        row = getattr(offer_model, name).rel.related_model
        return "\n".join(row.label(each) for each in value)
    if name in FOREIGN_KEYS:
        return value["text"]
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in ("pay_min", "pay_max"):
        return thousands(value)
    choices = dict(offer_model._meta.get_field(name).flatchoices)
    return str(choices.get(value, value))
