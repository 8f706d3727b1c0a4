"""Enums shared by salary grids and offers."""

from django.db import models


class Level(models.TextChoices):
    """Professional experience, in years. `years` is (from, to); to is None for the last level."""

    BEGINNER = "debutant", "Débutant, moins de 2 ans"
    JUNIOR = "junior", "Junior, 2 à 4 ans"
    CONFIRMED = "confirme", "Confirmé, 4 à 8 ans"
    EXPERT = "expert", "Expert, plus de 8 ans"

    @property
    def years(self) -> tuple[int, int | None]:
        return {"debutant": (0, 2), "junior": (2, 4), "confirme": (4, 8), "expert": (8, None)}[self.value]

    @property
    def short_label(self) -> str:
        return self.label.split(",")[0]


class EntrySection(models.TextChoices):
    """The lists of a role profile."""

    MISSION = "mission", "mission"
    SKILL = "skill", "compétence"
    SOFT_SKILL = "soft_skill", "qualité"
    TRAINING = "training", "formation"
    EVOLUTION = "evolution", "évolution"
    SECTOR = "sector", "secteur"
    REMOTE = "remote", "organisation du télétravail"
    DAY = "day", "étape de la journée"


class Zone(models.TextChoices):
    """The zone of a salary; offers.places.models assigns communes to zones."""

    PARIS = "paris", "Paris"
    LARGE_CITIES = "grandes-villes", "Grandes villes"
    REGIONS = "regions", "Régions"

    @property
    def extent(self) -> str:
        """Return the area of the zone in words, for the note below a grid."""
        return {
            "paris": "Île-de-France",
            "grandes-villes": (
                "Lyon, Marseille, Toulouse, Nice, Nantes, Montpellier, Strasbourg, Bordeaux, Lille, Rennes "
                "et les communes à moins de 20 km"
            ),
            "regions": "le reste du territoire",
        }[self.value]
