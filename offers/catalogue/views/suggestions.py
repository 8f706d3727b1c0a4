from dataclasses import asdict
from urllib.parse import urlencode

from django.db import DatabaseError
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from jobboard.caching.tags import cached_page, tag_search
from jobboard.reversing import cached_reverse
from jobboard.text.numbers import counted
from offers.catalogue.completions import complete
from offers.catalogue.suggestions import COMPANY, ROLE, SKILL, TITLE, TOWN, Suggestion
from offers.catalogue.suggestions import suggest as suggestions_for
from offers.search.index import SearchUnavailable
from offers.search.parser import without_operators
from offers.search.snapshot import current_snapshot

MAX_RESULTS = 12
# Maximum length of a search text, in characters.
MAX_VALUE_LENGTH = 100
GROUPS = {ROLE: "Métiers", SKILL: "Compétences", TITLE: "Intitulés", COMPANY: "Entreprises", TOWN: "Villes"}


@cached_page
@require_safe
def suggest(request):
    """Return completions of `q`, grouped: roles, skills, titles, companies and towns with their offers, conditions.

    Cached for a minute, by the browser only: deleting a letter sends no request, and a shared cache would delay the
    removal of the name of an employer that has become confidential.
    """
    text = request.GET.get("q", "").strip()
    try:
        snapshot = current_snapshot()
        suggestions = suggestions_for(snapshot.searcher, text, snapshot.thesaurus)
    except (SearchUnavailable, DatabaseError):
        return JsonResponse({"results": []}, headers={"Cache-Control": "no-store"})
    results = [*map(_result, suggestions[:MAX_RESULTS])]
    results += [{**asdict(completion), "group": "Conditions"} for completion in complete(text)]
    return tag_search(JsonResponse({"results": results}, headers={"Cache-Control": "private, max-age=60"}))


def _result(suggestion: Suggestion) -> dict:
    result = {
        "value": suggestion.label,
        "label": suggestion.label,
        "detail": counted(suggestion.count, "offre"),
        "group": GROUPS[suggestion.kind],
    }
    if suggestion.kind == TITLE:
        result["value"] = _searchable(suggestion.label)
    elif suggestion.kind == COMPANY:
        result["url"] = f"{cached_reverse('catalogue:list')}?{urlencode({'entreprise': suggestion.slug})}"
    elif suggestion.kind == TOWN:
        result["field"] = "ou"
        result["url"] = f"{cached_reverse('catalogue:list')}?{urlencode({'ou': suggestion.label})}"
    return result


def _searchable(title: str) -> str:
    """Return a title as a search text that matches it, cut at a space."""
    text = without_operators(title)
    return text if len(text) <= MAX_VALUE_LENGTH else text[: MAX_VALUE_LENGTH + 1].rsplit(None, 1)[0][:MAX_VALUE_LENGTH]
