"""The requests of each case, as paths drawn from the measured database; a seed always gives the same ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random
from urllib.parse import urlencode

from django.urls import reverse

from careers.models import Role
from jobboard.text.keys import search_key
from offers.models import Offer, Skill
from offers.places.models import Place
from tests.bench import market

# The maximum of different paths in a case.
MAX_PATHS = 400
COMMON_WORDS = (
    "projet", "équipe", "données", "développement", "clients", "technique", "expérience", "poste", "entreprise",
    "formation", "applications", "services", "utilisateurs", "développeur", "ingénieur", "qualité", "sécurité", "tests",
    "plateforme", "documentation",
)  # fmt: skip
# Lengths of the prefix of a name for which the browser requests suggestions.
PREFIX_LENGTHS = (2, 3, 4, 5)
POPULAR_OFFERS = 50
POPULAR_SEARCHES = 20

# The cases in the order of the report.
ORDER = (
    *("home", "first-page", "page-50", "keyword", "keyword-again", "common-word", "radius", "filters", "typo"),
    *("towns", "suggestions", "role", "offer", "offer-first", "mix", "mix-edited"),
)


@dataclass(frozen=True)
class Case:
    """Requests of one kind. `paths` are requested in turn, from the first again after the last.

    `popular` pages are requested by all visitors: each worker has rendered them before the measurement. A `fresh` case
    never requests the same URL twice, so that no cached response is measured. `edits` offers are edited each second
    while the case is measured, in blocks that are `longer` times as long as those of other cases.
    """

    slug: str
    name: str
    paths: list[str]
    popular: bool = False
    fresh: bool = False
    edits: int = 0
    longer: int = 1

    def urls(self) -> Iterator[str]:
        """Yield URLs endlessly. Pages ignore the parameter that makes them unique."""
        for index, path in enumerate(cycle(self.paths)):
            yield f"{path}{'&' if '?' in path else '?'}utm_content={index}" if self.fresh else path


def cases(seed: int) -> list[Case]:
    keywords = _list_paths({"q": word} for word in _keywords(seed))
    mix = _mix(seed, keywords)
    candidates = [
        Case("home", "Home", [reverse("home")], popular=True),
        Case("first-page", "First page of the list", [reverse("catalogue:list")], popular=True),
        Case("page-50", "Page 50", _page_50(), fresh=True),
        Case("keyword", "One keyword", keywords, fresh=True),
        Case("keyword-again", "One keyword, one of twenty popular ones", keywords[:POPULAR_SEARCHES]),
        Case("common-word", "A common word", _list_paths({"q": word} for word in COMMON_WORDS), fresh=True),
        Case("radius", "Keyword within 10 to 100 km of a town", _radius(seed), fresh=True),
        Case("filters", "Keyword, contract and two more filters", _filters(seed), fresh=True),
        Case("typo", "No result, typo corrected", _list_paths({"q": word} for word in _typos(seed)), fresh=True),
        Case("towns", "Suggestions of towns", _towns(seed), fresh=True),
        Case("suggestions", "Suggestions of the search box", _suggestions(seed), fresh=True),
        Case("role", "Role page", _roles(), popular=True),
        Case("offer", "Offer page, a popular one", _offers(0, POPULAR_OFFERS), popular=True),
        Case("offer-first", "Offer page, read for the first time", _offers(POPULAR_OFFERS, 20_000)),
        Case("mix", "Mix of home, list, roles, popular offers and searches", mix, popular=True),
        Case("mix-edited", "The same mix with one edit a second", mix, popular=True, edits=1, longer=4),
    ]
    return [case for case in candidates if case.paths]


def _mix(seed: int, keywords: list[str]) -> list[str]:
    """Return paths of five kinds of popular pages, the same number of each."""
    random = Random(seed)
    kinds = [
        [reverse("home")],
        [reverse("catalogue:list")],
        _roles(),
        _offers(0, POPULAR_OFFERS),
        keywords[:POPULAR_SEARCHES],
    ]
    return [random.choice(paths) for _ in range(MAX_PATHS // len(kinds)) for paths in kinds if paths]


def _list_paths(searches) -> list[str]:
    return [f"{reverse('catalogue:list')}?{urlencode(search, doseq=True)}" for search in searches]


def _page_50() -> list[str]:
    """Return page 50 of searches that have as many pages at every size."""
    searches = [{}, {"contrat": "cdi"}, {"tri": "salaire"}, {"depuis": "30"}, {"teletravail": ["1-2", "3-5"]}]
    searches += [{"q": word} for word in COMMON_WORDS[:8]]
    return _list_paths({**search, "page": "50"} for search in searches)


def _keywords(seed: int) -> list[str]:
    """Return common and rare keywords: skills, roles and words of the texts."""
    skills = list(Skill.objects.order_by("pk").values_list("name", flat=True))
    titles = [title for job in market.JOBS for title in (job.name, *job.titles)]
    fields = [field for field in market.FIELDS if " " not in field]
    words = list(dict.fromkeys([*skills, *titles, *fields]))
    Random(seed).shuffle(words)
    return words[:MAX_PATHS]


def _largest_towns(count: int) -> list[str]:
    return [str(place) for place in Place.objects.order_by("-population", "pk")[:count]]


def _radius(seed: int) -> list[str]:
    random, words, towns = Random(seed), _keywords(seed), _largest_towns(60)
    return _list_paths(
        {"q": random.choice(words), "ou": random.choice(towns), "rayon": random.choice(("10", "20", "30", "50", "100"))}
        for _ in range(MAX_PATHS)
    )


def _filters(seed: int) -> list[str]:
    random, words = Random(seed), _keywords(seed)
    return _list_paths(
        {
            "q": random.choice(words),
            "contrat": random.sample(("cdi", "freelance", "cdd", "alternance"), 1 + random.randrange(2)),
            "teletravail": random.sample(("0", "1-2", "3-5", "100"), 1 + random.randrange(2)),
            "experience": random.sample(("debutant", "junior", "confirme", "expert"), 2),
        }
        for _ in range(MAX_PATHS)
    )


def _typos(seed: int) -> list[str]:
    """Return words with one typo: a letter omitted, added or changed, or two letters swapped."""
    random = Random(seed)
    known = {search_key(word) for word in _keywords(seed)} | {search_key(word) for word in COMMON_WORDS}
    sources = [word for word in (*_keywords(seed), *COMMON_WORDS) if word.isalpha() and len(word) >= 7]
    typos = {}
    for _ in range(20 * MAX_PATHS):
        word, position = random.choice(sources), random.randrange(1, 5)
        typo = random.choice(
            (
                word[:position] + word[position + 1 :],
                word[:position] + random.choice("zxwkq") + word[position + 1 :],
                word[:position] + word[position + 1] + word[position] + word[position + 2 :],
                word[:position] + random.choice("xzkw") + word[position:],
            )
        )
        if search_key(typo) not in known and len(typos) < MAX_PATHS:
            typos[typo] = None
    return list(typos)


def _towns(seed: int) -> list[str]:
    towns = list(Place.objects.order_by("-population", "pk")[:200].values_list("name", flat=True))
    return _prefixes("places:suggest", towns, seed)


def _suggestions(seed: int) -> list[str]:
    return _prefixes("catalogue:suggestions", _keywords(seed), seed)


def _prefixes(view: str, names: list[str], seed: int) -> list[str]:
    random = Random(seed)
    prefixes = [name[:length].strip() for name in names for length in PREFIX_LENGTHS]
    unique_prefixes = list(dict.fromkeys(text for text in prefixes if len(text) > 1))
    random.shuffle(unique_prefixes)
    return [f"{reverse(view)}?{urlencode({'q': text})}" for text in unique_prefixes[:MAX_PATHS]]


def _roles() -> list[str]:
    return [role.get_absolute_url() for role in Role.objects.published().order_by("pk")]


def _offers(start: int, stop: int) -> list[str]:
    offers = Offer.objects.published().newest_first().only("pk", "title")[start:stop]
    return [offer.get_absolute_url() for offer in offers]
