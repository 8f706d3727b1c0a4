"""Read the corpus and the judgements that measure relevance, and load the corpus into the database.

corpus.jsonl               offers, one JSON object per line
roles.toml, skills.toml    the roles and skills of these offers
judgements.toml            queries with the offers that are relevant to each
"""

import csv
import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings

from careers.models import Role, RoleTitle
from jobboard.text.keys import search_key
from offers.companies.models import Company
from offers.enums import OfferStatus
from offers.models import Offer, Skill, SkillAlias
from offers.places.models import Place, PostalCode

HERE = Path(__file__).parent
PLACES_FILE = Path(settings.BASE_DIR) / "offers" / "places" / "data" / "places.csv"
SYNONYMS_FILE = Path(settings.BASE_DIR) / "offers" / "search" / "data" / "synonyms.txt"
GRADES = {"exact": 3, "good": 2, "acceptable": 1}


@dataclass(frozen=True)
class Judgement:
    """A query, and the grades of the relevant offers by their id: 3, 2 or 1; other offers have grade 0."""

    query: str
    kind: str
    why: str
    grades: dict[str, int] = field(default_factory=dict)


@cache
def offers() -> list[dict]:
    return [json.loads(line) for line in (HERE / "corpus.jsonl").read_text("utf-8").splitlines()]


@cache
def roles() -> list[dict]:
    return tomllib.loads((HERE / "roles.toml").read_text("utf-8"))["role"]


@cache
def skills() -> list[dict]:
    return tomllib.loads((HERE / "skills.toml").read_text("utf-8"))["skill"]


@cache
def judgements(file: Path = HERE / "judgements.toml") -> list[Judgement]:
    entries = tomllib.loads(file.read_text("utf-8"))["query"]
    return [
        Judgement(
            query=entry["q"],
            kind=entry["kind"],
            why=entry["why"],
            grades={offer: grade for name, grade in GRADES.items() for offer in entry.get(name, [])},
        )
        for entry in entries
    ]


@cache
def places() -> dict[str, dict]:
    """Return the rows of the file of communes by INSEE code."""
    with PLACES_FILE.open(encoding="utf-8", newline="") as file:
        return {row["insee_code"]: row for row in csv.DictReader(file)}


def load(now: datetime) -> dict[str, Offer]:
    """Load the corpus into an empty database, published `age_days` before `now`; return the offers by their id."""
    roles_by_slug = {}
    for row in roles():
        roles_by_slug[row["slug"]] = role = Role.objects.create(
            slug=row["slug"], name=row["name"], summary="Une phrase.", status=Role.Status.PUBLISHED
        )
        RoleTitle.objects.bulk_create(
            RoleTitle(role=role, position=position, title=title, key=search_key(title))
            for position, title in enumerate(row["titles"])
        )
    skills_by_name = {}
    for row in skills():
        skills_by_name[row["name"]] = skill = Skill.objects.create(name=row["name"])
        SkillAlias.objects.bulk_create(
            SkillAlias(skill=skill, name=alias, key=search_key(alias)) for alias in row.get("aliases", [])
        )
    companies = {
        name: Company.objects.create(name=name, kind=kind)
        for name, kind in dict.fromkeys((row["company"], row["kind"]) for row in offers() if row["company"])
    }
    places_by_code = {
        code: get_or_create_place(places()[code]) for code in sorted({row["town"] for row in offers() if row["town"]})
    }
    offers_by_id = {}
    for row in offers():
        published_at = now - timedelta(days=row["age_days"])
        offer = Offer(
            title=row["title"],
            status=OfferStatus.PUBLISHED,
            company=companies.get(row["company"]),
            confidential=row["company"] is None,
            employer_descriptor=row["descriptor"],
            role=roles_by_slug.get(row["role"]),
            place=places_by_code.get(row["town"]),
            contract=row["contract"],
            remote_days=row["remote_days"],
            fully_remote=row["remote_days"] == 5,
            experience=row["experience"],
            pay_min=row["pay_min"],
            pay_max=row["pay_max"],
            highlights="\n".join(row["highlights"]),
            description=row["description"],
            published_at=published_at,
            confirmed_at=published_at,
            expires_at=now + timedelta(days=60),
        )
        # Not in bulk: save() normalizes the title.
        offer.save()
        offers_by_id[row["id"]] = offer
    Offer.skills.through.objects.bulk_create(
        Offer.skills.through(offer=offers_by_id[row["id"]], skill=skills_by_name[name])
        for row in offers()
        for name in row["skills"]
    )
    return offers_by_id


def get_or_create_place(row: dict) -> Place:
    place, created = Place.objects.get_or_create(
        insee_code=row["insee_code"],
        defaults={
            "name": row["name"].replace("'", "’"),
            "department": row["departement_code"],
            "region": row["region_code"],
            "population": int(row["population"]),
            "latitude": float(row["latitude"]),
            "longitude": float(row["longitude"]),
        },
    )
    if created:
        PostalCode.objects.bulk_create(PostalCode(place=place, code=code) for code in row["postal_codes"].split())
    return place
