import logging
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from careers import salary
from careers.models import SalaryBand
from jobboard.caching.tags import cached_page, tag, tag_search
from offers.catalogue.cards import Card, published_cards
from offers.catalogue.filters import OfferFilter
from offers.catalogue.shortcuts import without_pay_criteria
from offers.models import Offer, Skill
from offers.ordering import newest_first
from offers.search.index import SearchUnavailable
from offers.search.parser import without_operators
from offers.search.query import MAX_RESULTS, Results, newest_of, similar
from offers.search.revalidation import is_unchanged
from offers.search.snapshot import current_snapshot

logger = logging.getLogger(__name__)

PAGE_SIZE = 20
MAX_SIMILAR, MAX_OF_COMPANY = 4, 3
# TTL of the similar offers on a cached page; a change of one of them invalidates it earlier.
SIMILAR_TTL = timedelta(minutes=1)
# Template of the fragment by htmx target. A change of a field swaps only the results; a link swaps the form too.
FRAGMENTS = {"resultats": "catalogue/results_update.html", "recherche": "catalogue/search_update.html"}


def _without_empty(query: QueryDict) -> QueryDict:
    """Return the query without the empty fields that a form submits, for short URLs."""
    query_without_empty = QueryDict(mutable=True)
    for name, values in query.lists():
        if values := [value for value in values if value.strip()]:
            query_without_empty.setlist(name, values)
    return query_without_empty


@cached_page
@require_safe
def offer_list(request):
    query = _without_empty(request.GET)
    url = request.path + (f"?{query.urlencode()}" if query else "")
    if query != request.GET:
        if not request.htmx:
            return redirect(url)
        request.GET = query  # for the links of the paginator
    search = OfferFilter(query)
    try:
        page, results = _page(search, query.get("page"))
        search.count_choices(results)
    except SearchUnavailable:
        logger.warning("a search could not be answered: this host has no usable index")
        response = render(request, "catalogue/unavailable.html", status=503)
        response["Retry-After"] = "30"
        return response
    context = {
        "search": search,
        "title": f"{search.title}, page {page.number}" if page.number > 1 else search.title,
        "page_obj": page,
        "results": results,
        # Move the focus to the results after a link, but not after a change of a field.
        "take_focus": request.htmx.boosted,
    }
    template = FRAGMENTS.get(request.htmx.target) if request.htmx else None
    response = render(request, template or "catalogue/list.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target", "HX-Boosted"])
    if template:
        return push_url(response, url)
    # The list shows offers that match in part if it has no others.
    has_partial = not page.object_list and search.is_filtered and not search.unknown_place
    shown = search.ways_out.partial[1] if has_partial else page.object_list
    keys = set().union(*(card.surrogate_keys for card in shown))
    if company := search.cleaned.get("entreprise"):
        keys.add(f"company:{company.pk}")
    # A corrected search, or one without results, also depends on other offers: no revalidation.
    unchanged = partial(_are_unchanged, search) if page.object_list and not results.instead else None
    return tag_search(response, keys, unchanged)


def _are_unchanged(search: OfferFilter, before: tuple, after: tuple) -> bool:
    """Return whether the offers of a search, and those that its page counts beside them, are unchanged."""
    counted = [search.criteria]
    if search.has_place:
        counted.append(search.ways_out.fully_remote_criteria)
    if search.criteria.salary or search.criteria.daily_rate:
        counted.append(without_pay_criteria(search.criteria))
    return all(is_unchanged(criteria, before, after) for criteria in counted)


def _page(search: OfferFilter, number) -> tuple[Page, Results]:
    """Return the page `number`, or the nearest existing one, and its search results."""
    try:
        number = min(max(int(number), 1), MAX_RESULTS // PAGE_SIZE)
    except (TypeError, ValueError):
        number = 1
    results = search.answer((number - 1) * PAGE_SIZE, PAGE_SIZE)
    page = Paginator(range(min(results.total, MAX_RESULTS)), PAGE_SIZE).get_page(number)
    if page.number != number:
        results = search.answer((page.number - 1) * PAGE_SIZE, PAGE_SIZE)
    # Without offers that have closed since the last commit of the index.
    page.object_list = published_cards(results.ids, described=bool(results.words))
    return page, results


# Module-level querysets: building them took a quarter of the time of an uncached page.
_OFFERS = Offer.objects.select_related("company", "place", "role").order_by()
_SKILLS = Skill.objects.order_by("key", "pk").values_list("name", "slug", "pk")
_BANDS = SalaryBand.objects.order_by()


@cached_page
@require_safe
def offer_detail(request, pk, slug=""):
    # Not `first()`, whose ORDER BY takes longer than reading the row.
    offer = next(iter(_OFFERS.filter(pk=pk)), None)
    if offer is None or not (offer.was_published() or request.user.has_perm("offers.view_offer")):
        raise Http404
    if offer.is_gone():
        return render(request, "410.html", status=410)
    if slug != offer.slug:
        query = request.META["QUERY_STRING"]
        return redirect(offer.get_absolute_url() + (f"?{query}" if query else ""), permanent=True)

    context = detail_context(offer)
    changes = [timezone.now() + SIMILAR_TTL]
    if ended_at := context["ended_at"]:
        changes.append(ended_at + timedelta(days=settings.OFFER_GONE_AFTER_DAYS))
    return tag(render(request, "catalogue/detail.html", context), _surrogate_keys(context), *changes)


def detail_context(offer) -> dict:
    """Return the context of catalogue/detail.html."""
    skills = _skills(offer)
    offer.card_skills = [[skill.pk, skill.name] for skill in skills]
    similar_cards, company_cards = _related_offers(offer, skills)
    newest = []
    if not similar_cards:
        newest = newest_first(Offer.objects.published().for_cards().newest_first().exclude(pk=offer.pk)[:MAX_SIMILAR])
    return {
        "offer": offer,
        "skills": skills,
        "is_open": offer.is_published(),
        "ended_at": offer.ended_at(),
        "position": _position_in_grid(offer),
        "similar": similar_cards,
        "others": newest,
        "company_offers": company_cards,
        "like_this": _similar_query(offer),
    }


def _surrogate_keys(context: dict) -> set[str]:
    offer, cards = context["offer"], [*context["similar"], *context["others"], *context["company_offers"]]
    keys = offer.surrogate_keys.union(*(card.surrogate_keys for card in cards))
    if offer.role_id:
        keys.add(f"role:{offer.role_id}")
    if offer.company_id:
        # The page of a confidential offer shows the kind of the employer.
        keys |= {f"company:{offer.company_id}", f"company_offers:{offer.company_id}"}
    return keys if context["similar"] else keys | {"published"}


class _Skill(NamedTuple):
    name: str
    slug: str
    pk: int


def _skills(offer) -> list[_Skill]:
    """Return the skills of `offer` by name."""
    return [_Skill(*row) for row in _SKILLS.filter(offers=offer.pk)]


def _related_offers(offer, skills) -> tuple[list[Card], list[Card]]:
    """Return the cards of similar offers, and of the newest others of the company unless it is confidential."""
    company = offer.public_company
    try:
        searcher = current_snapshot().searcher
        similar_ids = similar(searcher, offer, [skill.pk for skill in skills], MAX_SIMILAR)
        company_ids = newest_of(searcher, company.pk, MAX_OF_COMPANY + 1) if company else ()
    except SearchUnavailable:
        return [], []
    cards = {card.pk: card for card in published_cards([*{*similar_ids, *company_ids} - {offer.pk}])}
    return (
        [cards[pk] for pk in similar_ids if pk in cards],
        [cards[pk] for pk in company_ids if pk in cards][:MAX_OF_COMPANY],
    )


def _similar_query(offer) -> str:
    """Return the query string of a search for similar offers: same role or title, in and around the same place."""
    work = (
        {"metier": offer.role.slug}
        if offer.role and offer.role.is_published
        else {"q": without_operators(offer.title)[:100]}
    )
    return urlencode(work | ({"ou": str(offer.place), "rayon": "30"} if offer.place else {}))


def _position_in_grid(offer) -> salary.PayPosition | None:
    """Return the position of the pay in the grid of the role, or None if a value that it depends on is unknown."""
    known = offer.role and offer.role.is_published and offer.experience and offer.place and offer.pay_min is not None
    if not known or offer.pay_period != "year":
        return None
    cell = _BANDS.filter(role=offer.role_id, level=offer.experience, zone=offer.place.zone)
    band = next(iter(cell), None)
    return salary.position(band, offer.pay_min, offer.pay_max) if band else None
