"""Help for writing drafts: pay guidance, suggested skills, and copies of offers."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from careers import salary
from jobboard.text.keys import search_key
from offers.enums import Contract, OfferStatus
from offers.fields import COPIED, MULTIVALUED
from offers.models import Offer, Skill, versions
from offers.models.skill import SkillAlias
from offers.posting.models import NewDraft

MAX_SUGGESTED_SKILLS = 12
# In these statuses an offer is edited step by step; a published one is edited on one page.
WRITABLE = (OfferStatus.DRAFT, OfferStatus.RETURNED)


@dataclass(frozen=True)
class Guidance:
    """The pay of the role’s grid for a level: for each zone a bar, and whether it is the zone of the offer."""

    role: object
    level: str
    bars: list[tuple[salary.SalaryBar, bool]]
    scale: salary.SalaryScale
    position: salary.PayPosition | None

    @property
    def source(self) -> str:
        return ", ".join(dict.fromkeys(f"{bar.band.source}, {bar.band.year}" for bar, _ in self.bars))


def guidance(offer: Offer) -> Guidance | None:
    """Return the guidance for an offer with a yearly salary, or None without a band for its level. One query."""
    role = offer.role
    if not (role and role.is_published and offer.experience and offer.contract != Contract.FREELANCE):
        return None
    bands = list(role.bands.filter(level=offer.experience))
    drawn = salary.salary_chart(bands)
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


def suggest_skills(role) -> list[Skill]:
    """Return the skills named in the role’s profile, then the most frequent of its offers. At most five queries."""
    if role is None:
        return []
    prose = [role.skills, role.missions, *role.entries.values_list("label", flat=True)]
    prose += role.entries.values_list("text", flat=True)
    text = f" {search_key(' '.join(prose))} "
    names = [*Skill.objects.values_list("pk", "key"), *SkillAlias.objects.values_list("skill", "key")]
    # Names of one or two letters (R, Go, C) are French words or parts of them too.
    named = {pk: text.index(f" {key} ") for pk, key in names if len(key) > 2 and f" {key} " in text}
    frequent = (
        Skill.objects.filter(offers__in=Offer.objects.published().filter(role=role))
        .exclude(pk__in=named)
        .annotate(offer_count=Count("offers"))
        .order_by("-offer_count", "name")[:MAX_SUGGESTED_SKILLS]
    )
    skills = Skill.objects.in_bulk(named)
    return [*(skills[pk] for pk in sorted(named, key=named.get)), *frequent][:MAX_SUGGESTED_SKILLS]


def duplicate_offer(offer: Offer) -> Offer:
    """Create a draft with the copied fields of `offer` (`offers/fields.py`)."""
    with transaction.atomic():
        values = {name: getattr(offer, name) for name in COPIED if name not in MULTIVALUED}
        copy = Offer.objects.create(status=OfferStatus.DRAFT, **values)
        rows = versions.version(offer)
        versions.assign_rows(copy, {name: rows[name] for name in MULTIVALUED.intersection(COPIED)})
    return copy


def create_draft(form) -> Offer:
    """Save the valid form of a new offer, or return the draft that the same submission has created already.

    Concurrent submissions wait for each other at the unique key.
    """
    key = form.submission() or uuid.uuid4()
    with transaction.atomic():
        NewDraft.objects.bulk_create([NewDraft(key=key)], ignore_conflicts=True)
        row = NewDraft.objects.select_for_update(of=("self",)).get(key=key)
        if row.offer is None:
            row.offer = form.save()
            row.save(update_fields=["offer"])
    return row.offer


def save_fields(offer: Offer, fields: list[str]) -> None:
    """Save only these fields of a draft, so that concurrent edits of different steps do not overwrite each other."""
    offer.updated_at = timezone.now()
    offer.save(update_fields=[*fields, "updated_at"])
