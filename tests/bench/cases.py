"""What visitors ask for, as addresses. Drawn from the database that is measured, the same ones for the same seed."""

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

# Different addresses of a case, where there are as many.
MOST = 400
COMMON_WORDS = (
    "projet", "équipe", "données", "développement", "clients", "technique", "expérience", "poste", "entreprise",
    "formation", "applications", "services", "utilisateurs", "développeur", "ingénieur", "qualité", "sécurité", "tests",
    "plateforme", "documentation",
)  # fmt: skip
# As towns are begun by those who type them.
BEGINNINGS = (2, 3, 4, 5)


# The cases in the order of the report.
ORDER = (
    *("home", "first-page", "page-50", "keyword", "keyword-again", "common-word", "radius", "filters", "typo"),
    *("towns", "suggestions", "role", "offer", "offer-first"),
)


@dataclass(frozen=True)
class Case:
    """`paths` are asked for one after the other. `everyone` marks the pages that are the same for all.

    A case that is `fresh` asks for each address as nobody has asked before, so that no worker has kept the answer.
    """

    slug: str
    name: str
    paths: list[str]
    everyone: bool = False
    fresh: bool = False

    def addresses(self) -> Iterator[str]:
        """Without end. What makes an address new is ignored by the page, which is as dear as the first time."""
        for number, path in enumerate(cycle(self.paths)):
            yield f"{path}{'&' if '?' in path else '?'}utm_content={number}" if self.fresh else path


def cases(seed: int) -> list[Case]:
    keywords = _lists({"q": word} for word in _keywords(seed))
    made = [
        Case("home", "Home", [reverse("home")], everyone=True),
        Case("first-page", "First page of the list", [reverse("catalogue:list")], everyone=True),
        Case("page-50", "Page 50", _page_50(), fresh=True),
        Case("keyword", "One keyword", keywords, fresh=True),
        Case("keyword-again", "One keyword, one of twenty that people ask for", keywords[:20]),
        Case("common-word", "A common word", _lists({"q": word} for word in COMMON_WORDS), fresh=True),
        Case("radius", "Keyword within 10 to 100 km of a town", _radius(seed), fresh=True),
        Case("filters", "Keyword, contract and two more filters", _filters(seed), fresh=True),
        Case("typo", "Nothing found, typo corrected", _lists({"q": word} for word in _typos(seed)), fresh=True),
        Case("towns", "Suggestions of towns", _towns(seed), fresh=True),
        Case("suggestions", "Suggestions of the search box", _suggestions(seed), fresh=True),
        Case("role", "Role page", _roles(), everyone=True),
        Case("offer", "Offer page, one that many read", _offers(0, 50), everyone=True),
        Case("offer-first", "Offer page, read for the first time", _offers(50, 20_000)),
    ]
    return [case for case in made if case.paths]


def _lists(searches) -> list[str]:
    return [f"{reverse('catalogue:list')}?{urlencode(search, doseq=True)}" for search in searches]


def _page_50() -> list[str]:
    """Of searches that have so many pages at every size."""
    searches = [{}, {"contrat": "cdi"}, {"tri": "salaire"}, {"depuis": "30"}, {"teletravail": ["1-2", "3-5"]}]
    searches += [{"q": word} for word in COMMON_WORDS[:8]]
    return _lists({**search, "page": "50"} for search in searches)


def _keywords(seed: int) -> list[str]:
    """Skills, roles and words of the texts, common ones and rare ones."""
    skills = list(Skill.objects.order_by("pk").values_list("name", flat=True))
    titles = [title for job in market.JOBS for title in (job.name, *job.titles)]
    fields = [field for field in market.FIELDS if " " not in field]
    words = list(dict.fromkeys([*skills, *titles, *fields]))
    Random(seed).shuffle(words)
    return words[:MOST]


def _largest_towns(count: int) -> list[str]:
    return [str(place) for place in Place.objects.order_by("-population", "pk")[:count]]


def _radius(seed: int) -> list[str]:
    random, words, towns = Random(seed), _keywords(seed), _largest_towns(60)
    return _lists(
        {"q": random.choice(words), "ou": random.choice(towns), "rayon": random.choice(("10", "20", "30", "50", "100"))}
        for _ in range(MOST)
    )


def _filters(seed: int) -> list[str]:
    random, words = Random(seed), _keywords(seed)
    return _lists(
        {
            "q": random.choice(words),
            "contrat": random.sample(("cdi", "freelance", "cdd", "alternance"), 1 + random.randrange(2)),
            "teletravail": random.sample(("0", "1-2", "3-5", "100"), 1 + random.randrange(2)),
            "experience": random.sample(("debutant", "junior", "confirme", "expert"), 2),
        }
        for _ in range(MOST)
    )


def _typos(seed: int) -> list[str]:
    """Words of one kind and another with a slip in them: a letter left out, doubled, changed, or two swapped."""
    random = Random(seed)
    known = {search_key(word) for word in _keywords(seed)} | {search_key(word) for word in COMMON_WORDS}
    sources = [word for word in (*_keywords(seed), *COMMON_WORDS) if word.isalpha() and len(word) >= 7]
    typos = {}
    for _ in range(20 * MOST):
        word, at = random.choice(sources), random.randrange(1, 5)
        typo = random.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + random.choice("zxwkq") + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + random.choice("xzkw") + word[at:],
            )
        )
        if search_key(typo) not in known and len(typos) < MOST:
            typos[typo] = None
    return list(typos)


def _towns(seed: int) -> list[str]:
    towns = list(Place.objects.order_by("-population", "pk")[:200].values_list("name", flat=True))
    return _beginnings("places:suggest", towns, seed)


def _suggestions(seed: int) -> list[str]:
    return _beginnings("catalogue:suggestions", _keywords(seed), seed)


def _beginnings(view: str, names: list[str], seed: int) -> list[str]:
    random = Random(seed)
    typed = [name[:letters].strip() for name in names for letters in BEGINNINGS]
    chosen = list(dict.fromkeys(text for text in typed if len(text) > 1))
    random.shuffle(chosen)
    return [f"{reverse(view)}?{urlencode({'q': text})}" for text in chosen[:MOST]]


def _roles() -> list[str]:
    return [role.get_absolute_url() for role in Role.objects.published().order_by("pk")]


def _offers(start: int, stop: int) -> list[str]:
    offers = Offer.objects.published().newest_first().only("pk", "title")[start:stop]
    return [offer.get_absolute_url() for offer in offers]
