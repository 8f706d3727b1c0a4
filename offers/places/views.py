from django.http import JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from jobboard.caching.tags import cached_page, tag_search
from offers.places.areas import Area, area_detail, area_label, area_name
from offers.places.lookup import suggest_areas

MAX_RESULTS = 8


@cached_page
@require_safe
@cache_control(public=True, max_age=3600)
def suggest(request):
    """Suggest what `q` names or begins: communes, departments, regions and other areas, as JSON."""
    text = request.GET.get("q", "").strip()[:80]
    communes_only = request.GET.get("seulement") == "communes"
    areas = suggest_areas(text, MAX_RESULTS, communes_only=communes_only) if len(text) > 1 else []
    # The gazetteer is reloaded when the index follower reports changed communes.
    return tag_search(JsonResponse({"results": [*map(_result, areas)]}))


def _result(area: Area) -> dict:
    return {"value": area_name(area), "label": area_label(area), "detail": area_detail(area)}
