"""What the search box understands, for visitors: labels of conditions, notes, and the communes to search."""

from collections.abc import Sequence

from jobboard.text.numbers import NBSP
from offers.catalogue.parameters import PARAMETERS_BY_NAME
from offers.fields import CHOICE_FILTERS, FULLY_REMOTE, LANGUAGE, REMOTE
from offers.places.areas import Area, LocationKeyword, area_label, departments_of, places_of, unique
from offers.places.gazetteer import gazetteer
from offers.places.territories import Region
from offers.understanding.reading import Understanding
from offers.understanding.tokens import Condition

_CHOICES = {each.parameter: each for each in CHOICE_FILTERS}
# Labels of values that are more than the list of their choices says.
_LABELS = {
    (REMOTE.parameter, ("1-2", "3-5", FULLY_REMOTE)): "Télétravail",
    (REMOTE.parameter, ("3-5", FULLY_REMOTE)): f"Télétravail, 3{NBSP}jours et plus",
    (REMOTE.parameter, ("1-2", "3-5")): "Télétravail partiel",
    (LANGUAGE.parameter, ("en", "fr-en")): "Travail en anglais",
}
_KINDS = {
    "contrat": "contrat",
    "ou": "lieu",
    "rayon": "distance",
    "teletravail": "organisation",
    "experience": "niveau",
    "salaire": "salaire",
    "tjm": "tarif",
    "employeur": "employeur",
    "langue": "langue",
    "depuis": "date",
}


def condition_label(condition: Condition) -> str:
    """Return the label of the chip of a condition."""
    name, values = condition.parameter, condition.values
    if name == "ou":
        return area_label(values[0].area)
    if label := _LABELS.get((name, values)):
        return label
    if name == "rayon":
        return f"{values[0]}{NBSP}km autour"
    if name in _CHOICES:
        choices = _CHOICES[name].by_value
        others = [choice.chip for value, choice in choices.items() if value not in values]
        if len(others) < len(values) - 1:
            return f"sauf {', '.join(others)}"
        return " ou ".join(choices[value].chip for value in values)
    return PARAMETERS_BY_NAME[name].chip(values[0], {})


def condition_kind(condition: Condition) -> str:
    """Return the kind of a condition in one French word."""
    return _KINDS[condition.parameter]


def text_note(read: Understanding) -> str:
    """Return in French what could not be understood, and how the places were read if that is not obvious."""
    advice = f"indiquez un minimum, en salaire brut par an (45k) ou en tarif par jour (500{NBSP}€/jour)"
    sentences = [f"«\u00a0{text}\u00a0» n’est pas compris\u00a0: {advice}." for text in read.rejected]
    sentences += [match.note for match in read.areas if match.note and match.area is not LocationKeyword.REMOTE]
    return " ".join(sentences)


def located_in(areas: Sequence[Area], km: int | None) -> dict:
    """Return the criteria of offers in any of the areas, and within `km` kilometres of their communes."""
    regions = {area.value for area in areas if isinstance(area, Region)}
    departments = {code for area in areas for code in departments_of(area)}
    centres = unique(place for area in areas for place in places_of(area))
    places = None
    if centres:
        positions = ((place.latitude, place.longitude) for place in centres)
        places = gazetteer().within(km, *positions) if km else frozenset(place.pk for place in centres)
    if sum(map(bool, (regions, departments, centres))) > 1:
        # Criteria are a conjunction, so areas of several kinds become communes.
        departments |= {code for region in regions for code in Region(region).departments}
        places = (places or frozenset()) | gazetteer().in_departments(frozenset(departments))
        regions, departments = set(), set()
    named = frozenset(place.pk for place in centres)
    return {"regions": regions, "departments": departments, "places": places, "centres": named}
