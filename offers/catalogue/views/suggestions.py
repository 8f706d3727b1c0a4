import re
from urllib.parse import urlencode

from django.db import DatabaseError
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from jobboard.caching.tags import cached_page, tag_search
from jobboard.reversing import cached_reverse
from jobboard.text.numbers import NBSP, thousands
from offers.search.index import SearchUnavailable
from offers.search.snapshot import current_snapshot
from offers.search.suggestions import COMPANY, ROLE, SKILL, TITLE, TOWN, Suggestion
from offers.search.suggestions import suggest as suggestions_for

MOST = 12
# The longest query of a search.
LONGEST_VALUE = 100
GROUPS = {ROLE: "Métiers", SKILL: "Compétences", TITLE: "Intitulés", COMPANY: "Entreprises", TOWN: "Villes"}
# The search reads it as the exclusion of the next word.
_MINUS = re.compile(r"(?<!\S)[-–—]+(?=\S)")


@cached_page
@require_safe
def suggest(request):
    """Return completions of `q` with their number of offers, grouped: roles, skills, titles, companies and towns.

    Cached for a minute in the private cache of the browser: deleting a letter sends no request, counts may be a minute
    old, and the name of an employer that has just become confidential reaches no further visitor.
    """
    text = request.GET.get("q", "").strip()
    try:
        index = current_snapshot()
        found = suggestions_for(index.searcher, text, index.thesaurus)
    except (SearchUnavailable, DatabaseError):
        return JsonResponse({"results": []}, headers={"Cache-Control": "no-store"})
    results = [*map(_result, found[:MOST])]
    return tag_search(JsonResponse({"results": results}, headers={"Cache-Control": "private, max-age=60"}))


def _result(found: Suggestion) -> dict:
    result = {
        "value": found.label,
        "label": found.label,
        "detail": f"{thousands(found.count)}{NBSP}offre{'s' if found.count > 1 else ''}",
        "group": GROUPS[found.kind],
    }
    if found.kind == TITLE:
        result["value"] = _searchable(found.label)
    elif found.kind == COMPANY:
        result["url"] = f"{cached_reverse('catalogue:list')}?{urlencode({'entreprise': found.slug})}"
    elif found.kind == TOWN:
        result["field"] = "ou"
        result["url"] = f"{cached_reverse('catalogue:list')}?{urlencode({'ou': found.label})}"
    return result


def _searchable(title: str) -> str:
    """Return a title as a query that matches it: without exclusion signs, cut between words."""
    text = _MINUS.sub("", title)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE + 1].rsplit(None, 1)[0][:LONGEST_VALUE]
