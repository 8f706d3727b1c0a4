"""What an offer promises to candidates: the fields whose change a moderator reads before the public does.

A version of an offer is what these fields hold, in JSON. What points at another row is kept with its name, so that an
old version can be read when the row has gone.
"""

from typing import Any, NamedTuple

from jobboard.text.numbers import thousands

MATERIAL = (
    *("title", "company", "confidential", "employer_descriptor", "role", "contract", "experience", "place"),
    *("remote_days", "fully_remote", "pay_min", "pay_max", "skills", "highlights", "description", "apply_url"),
)
POINTERS = {"company", "role", "place"}


class Difference(NamedTuple):
    name: str
    label: str
    before: str
    after: str


def version(offer) -> dict[str, Any]:
    """What the offer in hand says. Its skills are read from the database."""
    found = {}
    for name in MATERIAL:
        if name == "skills":
            found[name] = [_pointer(skill) for skill in sorted(offer.skills.all(), key=lambda skill: skill.pk)]
        elif name in POINTERS:
            found[name] = _pointer(getattr(offer, name))
        else:
            found[name] = getattr(offer, name)
    return found


def encoded(values: dict) -> dict[str, Any]:
    """Material values of a form as a version has them; the others are left out."""
    found = {name: value for name, value in values.items() if name in MATERIAL}
    for name, value in found.items():
        if name == "skills":
            found[name] = [_pointer(skill) for skill in sorted(value, key=lambda skill: skill.pk)]
        elif name in POINTERS:
            found[name] = _pointer(value)
    return found


def _pointer(row) -> dict | None:
    return row and {"pk": row.pk, "text": str(row)}


def key(name: str, value) -> Any:
    """What makes two values of a field the same, whatever the rows they point at are called."""
    if name == "skills":
        return sorted(each["pk"] for each in value or ())
    if name in POINTERS:
        return value and value["pk"]
    # A text area sends other ends of lines than were kept.
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def changed(before: dict, after: dict) -> dict[str, Any]:
    """The values of `after` that are not those of `before`."""
    return {name: value for name, value in after.items() if key(name, value) != key(name, before.get(name))}


def differences(offer_model, before: dict, after: dict) -> list[Difference]:
    """What changed from one version to the other, in words."""
    return [
        Difference(name, _label(offer_model, name), shown(offer_model, name, before.get(name)), text)
        for name in MATERIAL
        if name in after
        and key(name, before.get(name)) != key(name, after[name])
        and (text := shown(offer_model, name, after[name])) is not None
    ]


def _label(offer_model, name: str) -> str:
    label = str(offer_model._meta.get_field(name).verbose_name)
    return {"à (€)": "rémunération, à (€)"}.get(label, label)


def shown(offer_model, name: str, value) -> str:
    """A value as people read it."""
    if value in (None, "", []):
        return ""
    if name == "skills":
        return ", ".join(each["text"] for each in value)
    if name in POINTERS:
        return value["text"]
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in ("pay_min", "pay_max"):
        return thousands(value)
    choices = dict(offer_model._meta.get_field(name).flatchoices)
    return str(choices.get(value, value))
