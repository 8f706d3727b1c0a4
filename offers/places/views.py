from django.http import JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from jobboard.caching.tags import cached_page, tag_search
from jobboard.text.numbers import NBSP, thousands
from offers.places.gazetteer import gazetteer
from offers.places.lookup import area_name, territories_starting_with
from offers.places.models import Place
from offers.places.territories import Department, Region

MAX_RESULTS = 8
MAX_TERRITORIES = 3


@cached_page
@require_safe
@cache_control(public=True, max_age=3600)
def suggest(request):
    """Suggest communes, departments and regions whose name or postal code starts with `q`, as JSON."""
    text = request.GET.get("q", "").strip()[:80]
    towns_only = request.GET.get("seulement") == "communes"
    territories = [] if towns_only or len(text) < 2 else territories_starting_with(text)[:MAX_TERRITORIES]
    places = gazetteer().starting_with(text, MAX_RESULTS - len(territories)) if len(text) > 1 else []
    # The gazetteer is reloaded when the index follower reports changed communes.
    return tag_search(JsonResponse({"results": [*map(_place_result, places), *map(_territory_result, territories)]}))


def _place_result(place: Place) -> dict:
    # Not get_department_display, which iterates over all departments for each commune.
    detail = f"{Department(place.department).label}, {thousands(place.population)}{NBSP}habitants"
    return {"value": str(place), "label": str(place), "detail": detail}


def _territory_result(territory: Region | Department) -> dict:
    detail = "région" if isinstance(territory, Region) else f"département {territory.value}"
    return {"value": area_name(territory), "label": territory.label, "detail": detail}
