"""How an offer comes to be written: what can be told to who writes it, and a new offer made from an old one."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from careers import salary
from jobboard.text.keys import search_key
from offers.enums import Contract, Status
from offers.fields import COPIED, ROWS
from offers.models import Offer, Question, Skill
from offers.models.skill import SkillAlias

MOST_PROPOSED = 12
# In these an offer is written step by step; in view of candidates it is changed in one go.
WRITABLE = (Status.DRAFT, Status.RETURNED)


@dataclass(frozen=True)
class Guidance:
    """What the role's grid says of pay, for the level and the zones: a bar a zone, `here` being that of the place."""

    role: object
    level: str
    bars: list[tuple[salary.Bar, bool]]
    scale: salary.Scale
    position: salary.Position | None

    @property
    def source(self) -> str:
        return ", ".join(dict.fromkeys(f"{bar.band.source}, {bar.band.year}" for bar, _ in self.bars))


def guidance(offer: Offer) -> Guidance | None:
    """For who is paid by the year in a role whose grid has the level. One query."""
    role = offer.role
    if not (role and role.is_published and offer.experience and offer.contract != Contract.FREELANCE):
        return None
    bands = list(role.bands.filter(level=offer.experience))
    drawn = salary.picture(bands)
    if drawn is None:
        return None
    zone = offer.place.zone if offer.place else None
    position = None
    if offer.pay_min is not None and offer.pay_max is not None:
        band = next((band for band in bands if band.zone == zone), None)
        position = band and salary.position(band, offer.pay_min, offer.pay_max)
    [group] = drawn.groups
    bars = [(bar, bar.band.zone == zone or zone is None) for bar in group.bars]
    return Guidance(role, group.level.short_label, bars, drawn.scale, position)


def proposed_skills(role) -> list[Skill]:
    """Those that the role's profile names, then those that most of its offers ask for. Five queries at most."""
    if role is None:
        return []
    prose = [role.skills, role.missions, *role.entries.values_list("label", flat=True)]
    prose += role.entries.values_list("text", flat=True)
    text = f" {search_key(' '.join(prose))} "
    names = [*Skill.objects.values_list("pk", "key"), *SkillAlias.objects.values_list("skill", "key")]
    # A name of one letter or two (R, Go, C) is a word of French too.
    named = {pk: text.index(f" {key} ") for pk, key in names if len(key) > 2 and f" {key} " in text}
    wanted = (
        Skill.objects.filter(offers__in=Offer.objects.published().filter(role=role))
        .exclude(pk__in=named)
        .annotate(number=Count("offers"))
        .order_by("-number", "name")[:MOST_PROPOSED]
    )
    found = Skill.objects.in_bulk(named)
    return [*(found[pk] for pk in sorted(named, key=named.get)), *wanted][:MOST_PROPOSED]


def copy(offer: Offer) -> Offer:
    """Create a draft with the copied fields (`offers/fields.py`) and the questions of `offer`."""
    with transaction.atomic():
        values = {name: getattr(offer, name) for name in COPIED if name not in ROWS}
        made = Offer.objects.create(status=Status.DRAFT, **values)
        for name in ROWS.intersection(COPIED):
            getattr(made, name).set(getattr(offer, name).all())
        Question.objects.bulk_create(
            Question(offer=made, position=each.position, text=each.text, required=each.required)
            for each in offer.questions.all()
        )
    return made


def touch(offer: Offer, fields: list[str]) -> None:
    """Write some fields of an offer that is still being written; two who write different ones do not meet."""
    offer.updated_at = timezone.now()
    offer.save(update_fields=[*fields, "updated_at"])
