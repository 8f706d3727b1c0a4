import csv
from datetime import date
from pathlib import Path

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from offers.companies.models import Company
from offers.enums import Contract, EmployerKind
from offers.models import Offer, Skill
from offers.places.models import Place

FILE = Path(apps.get_app_config("offers").path) / "data" / "first_offers.csv"


class Command(BaseCommand):
    help = (
        "Charge les premières offres dans un site qui n’en a aucune, la plus récente datée d’aujourd’hui et les "
        "autres à la même distance d’elle. Un site qui a déjà une offre, quelle qu’elle soit, ne change pas."
    )

    def handle(self, *, verbosity, **options):
        with transaction.atomic():
            # Only without any offer: otherwise an offer deleted by a curator would be created again.
            loaded = [] if Offer.objects.exists() else self.load()
        if verbosity:
            self.stdout.write(
                f"{len(loaded)} offres chargées." if loaded else "Le site a déjà des offres\u00a0: rien à faire."
            )

    def load(self) -> list[Offer]:
        with FILE.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        places = Place.objects.in_bulk([row["insee_code"] for row in rows], field_name="insee_code")
        if missing := [row["insee_code"] for row in rows if row["insee_code"] not in places]:
            raise CommandError(f"Il manque les communes {', '.join(missing)}\u00a0: lancez d’abord load_places.")
        newest = max(date.fromisoformat(row["published_on"]) for row in rows)
        now = timezone.now()
        return [
            self.load_one(row, places, now - (newest - date.fromisoformat(row["published_on"])))
            # In reverse, so that pks and dates are in the same order as the rows.
            for row in reversed(rows)
        ]

    def load_one(self, row, places, published_at) -> Offer:
        company = None
        if row["company"]:
            company, _ = Company.objects.get_or_create(name=row["company"], defaults={"kind": EmployerKind.DIRECT})
        offer = Offer(
            title=row["title"],
            company=company,
            confidential=company is None,
            employer_descriptor=row["descriptor"],
            place=places[row["insee_code"]],
            contract={choice.label: choice for choice in Contract}[row["contract"]],
            highlights="\n".join(row["highlights"].split("|")),
            description=row["description"],
        )
        offer.full_clean()
        offer.save()
        offer.skills.set(Skill.objects.filter(slug__in=row["skills"].split("|")))
        offer.publish(at=published_at)
        return offer
