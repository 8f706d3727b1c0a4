"""French communes (INSEE, Code officiel géographique) with position and salary zone."""

import math

from django.core.validators import RegexValidator
from django.db import models

from careers.enums import Zone
from jobboard.text.keys import search_key
from offers.places.territories import Department, Region

# The communes of the salary zone LARGE_CITIES, which includes all communes within the radius below.
LARGE_CITIES = {
    "69123": "Lyon",
    "13055": "Marseille",
    "31555": "Toulouse",
    "06088": "Nice",
    "44109": "Nantes",
    "34172": "Montpellier",
    "67482": "Strasbourg",
    "33063": "Bordeaux",
    "59350": "Lille",
    "35238": "Rennes",
}
LARGE_CITY_RADIUS_KM = 20
# Articles at the start of official names, often omitted: “Havre”, “Rochelle”.
ARTICLES = ("le", "la", "les", "l")
EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = math.pi * EARTH_RADIUS_KM / 180


def place_key(text: str) -> str:
    """Return the search key of a commune’s name, with “St” and “Ste” expanded to “saint” and “sainte”."""
    words = {"st": "saint", "ste": "sainte"}
    return " ".join(words.get(word, word) for word in search_key(text).split())


def place_label(name: str, department: str) -> str:
    """Return “Lyon (69)”, which pages show and `parse_area` accepts."""
    return f"{name} ({department})"


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the great-circle distance in kilometres between two positions in degrees (haversine formula)."""
    a, b = math.radians(latitude), math.radians(other_latitude)
    half_chord = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half_chord))


def salary_zone(place: "Place", cities: "list[Place]") -> Zone:
    """Return the salary zone of a commune; `cities` are the communes of LARGE_CITIES."""
    if place.region == Region.ILE_DE_FRANCE:
        return Zone.PARIS
    is_in_large_city = any(place.distance_to(city) <= LARGE_CITY_RADIUS_KM for city in cities)
    return Zone.LARGE_CITIES if is_in_large_city else Zone.REGIONS


class Place(models.Model):
    insee_code = models.CharField(
        "code INSEE", max_length=5, unique=True, validators=[RegexValidator(r"^\d[\dAB]\d{3}$", "Code INSEE invalide.")]
    )
    name = models.CharField("commune", max_length=80)
    key = models.CharField(max_length=80, editable=False, db_index=True)
    department = models.CharField("département", max_length=3, choices=Department)
    region = models.CharField("région", max_length=2, choices=Region)
    population = models.PositiveIntegerField("habitants", default=0)
    latitude = models.FloatField("latitude")
    longitude = models.FloatField("longitude")
    zone = models.CharField("zone de salaire", max_length=15, choices=Zone, default=Zone.REGIONS)

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "communes"
        ordering = ["-population"]
        indexes = [
            models.Index(fields=["department"], name="place_department"),
            models.Index(fields=["region"], name="place_region"),
        ]

    def __str__(self):
        return place_label(self.name, self.department)

    def save(self, *args, **kwargs):
        self.key = place_key(self.name)
        super().save(*args, **kwargs)

    def distance_to(self, other: "Place") -> float:
        """Return the great-circle distance in kilometres."""
        return distance_km(self.latitude, self.longitude, other.latitude, other.longitude)


class PostalCode(models.Model):
    """A postal code of a commune. Communes can share a code, and a city can have several."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="postal_codes", verbose_name="commune")
    code = models.CharField("code postal", max_length=5, db_index=True)

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["place", "code"], name="postal_code_unique")]

    def __str__(self):
        return self.code
