"""Years of experience, days of remote work, age of offers and distances in the search box."""

import re

from careers.enums import Level
from offers.fields import EXPERIENCE, FULLY_REMOTE, REMOTE
from offers.search.facets import AGES
from offers.understanding.patterns import END, TO, compiled, matches, one_of
from offers.understanding.tokens import AnnotatedText

# Values of the parameter `rayon` in kilometres; those of `depuis` are the AGES of the facets, in days.
RADII = (10, 20, 30, 50, 100)
# A longer experience is a number of something else.
MAX_YEARS = 45
# Values of the remote filter by the least count of days per week.
REMOTE_FROM = {0: ("0",), 1: ("1-2", "3-5", FULLY_REMOTE), 3: ("3-5", FULLY_REMOTE), 5: (FULLY_REMOTE,)}

_YEAR = one_of("an, ans, annee, annees, year, years, yr, yrs, yoe")
_EXPERIENCE = rf"(?:(?:d'|de\s|of\s|d\s)?{one_of('expérience, expériences, exp, xp')}(?!\w))"
_LESS = one_of("moins de, less than, jusqu’à, <")
_MORE = one_of("plus de, + de, au moins, minimum, mini, min, over, more than, at least, >, >=, ≥")
_OR_MORE = rf"(?:\+|\s{one_of('et plus, ou plus, minimum, mini, min')})"
_YEARS = (
    compiled(
        rf"(?:(?P<less>{_LESS})\s?|(?P<more>{_MORE})\s?)?(?P<low>\d{{1,2}})(?:\s?{_YEAR}?{TO}(?P<high>\d{{1,2}}))?",
        rf"\s?(?P<plus>\+)?\s?{_YEAR}(?P<or_more>{_OR_MORE})?(?!\w)(?:\s?(?P<experience>{_EXPERIENCE}))?",
    ),
    compiled(rf"(?P<experience>{_EXPERIENCE})\s?(?:de\s|:\s?|of\s)?(?P<low>\d{{1,2}})\s?{_YEAR}"),
)
# Before a count of years that is no experience: “cdd 2 ans”, “contrat de 3 ans”.
_LASTING = re.compile(
    one_of(
        "cdd, contrat, contrats, stage, stages, alternance, apprentissage, mission, missions, garantie, formation, "
        "depuis, il y a, sur, pendant, bac"
    )
    + r"(?:\s(?:de|d'))?\s?$"
)

_AT_HOME = one_of(
    "teletravail, tele-travail, tele travail, tt, remote, home office, homeoffice, distanciel, wfh, a distance, "
    "from home"
)
_DAY = one_of("jour, jours, j, jr, jrs, day, days")
_PER_WEEK = rf"(?:\s?(?:/|par|per|a|of)?\s?{one_of('sem, semaine, semaines, week')})"
_REMOTE_DAYS = (
    # “2 jours de télétravail”, “2j tt/sem”
    compiled(
        rf"(?P<days>[0-5])(?:{TO}[1-5])?\s?{_DAY}{_PER_WEEK}?\s?(?:/\s?5)?\s?(?:de\s|d'|of\s|en\s|in\s|/)?\s?{_AT_HOME}",
        rf"(?:{END}{_PER_WEEK})?",
    ),
    # “télétravail 3 jours”, “télétravail 3/5”
    compiled(
        rf"{_AT_HOME}\s?(?:de\s|:|a\s|,)?\s?(?P<days>[0-5])(?:{TO}[1-5])?\s?(?:{_DAY}{_PER_WEEK}?|/\s?5){END}(?:\s?/\s?5)?"
    ),
)
_REMOTE_SHARE = (
    compiled(rf"(?P<share>\d{{1,3}})\s?%\s?(?:de\s|en\s|a\s|du\stemps\sen\s)?\s?{_AT_HOME}"),
    compiled(rf"{_AT_HOME}\s?(?:a\s|:|de\s)?\s?(?P<share>\d{{1,3}})\s?%"),
)

_UNIT = one_of(
    "h, heure, heures, hour, hours, jour, jours, day, days, semaine, semaines, week, weeks, mois, month, months"
)
_AGE = compiled(
    rf"(?:{one_of('publie, publiee, publiees, postee, postees, posted')}\s)?",
    rf"(?P<since>{one_of('depuis, moins de, dans les, les, last, past, in the last, within')}\s)?",
    r"(?P<last>derni(?:er|ere)s?\s)?(?P<count>\d{1,2}|une|un|a)?\s?(?P<late>derni(?:er|ere)s?\s)?",
    rf"(?P<unit>{_UNIT})(?!\s?{_EXPERIENCE})(?P<end>\sderni(?:er|ere)s?)?",
)
_HOURS = {"h": 1, "j": 24, "d": 24, "s": 168, "w": 168, "m": 720}
_DISTANCE = compiled(
    rf"(?:{one_of('a, dans un rayon de, rayon, rayon de, within, moins de')}\s)?(?P<km>\d{{1,3}})",
    r"\s?(?:kms?|kilometres?)(?:\s(?:autour|around|of))?",
)


# The length of a contract, which no filter has: “stage 6 mois”, “cdd de 12 mois”.
_CONTRACT_LENGTH = re.compile(
    rf"(?<=\w)\s(?:de\s|d'|sur\s|:\s)?\d{{1,2}}(?:{TO}\d{{1,2}})?\s?(?:mois|months?|ans?|semaines?|weeks?){END}"
)
_CONTRACT = re.compile(r"\b(?:cdd|stages?|alternance|apprentissage|interim|internship|contrat|mission|freelance)$")


def read_contract_lengths(annotated: AnnotatedText) -> None:
    """Take the lengths of contracts, so that they are not searched as words."""
    for match in matches(_CONTRACT_LENGTH, annotated):
        if _CONTRACT.search(annotated.folded[: match.start()]):
            annotated.ignore(match.start(), match.end())


def read_durations(annotated: AnnotatedText) -> None:
    """Take years of experience and the age of offers."""
    for pattern in _YEARS:
        for match in matches(pattern, annotated):
            if match["experience"] or not _LASTING.search(annotated.folded[: match.start()]):
                levels = _levels(match)
                if levels and int(match["low"]) <= MAX_YEARS:
                    annotated.take(EXPERIENCE.parameter, levels, match.start(), match.end())
    for match in matches(_AGE, annotated):
        if any(match[name] for name in ("last", "late", "end")) or match["since"] not in (None, "les "):
            count = int(match["count"]) if (match["count"] or "").isdigit() else 1
            days = -(-count * _HOURS[match["unit"][0]] // 24)
            if days <= AGES[-1]:
                annotated.take("depuis", (_at_least(days, AGES),), match.start(), match.end())


def read_remote_days(annotated: AnnotatedText) -> None:
    """Take the days, and the share of the time, that are worked at home."""
    for pattern in _REMOTE_DAYS:
        for match in matches(pattern, annotated):
            days = int(match["days"])
            least = max(each for each in REMOTE_FROM if each <= days)
            annotated.take(REMOTE.parameter, REMOTE_FROM[least], match.start(), match.end())
    for pattern in _REMOTE_SHARE:
        for match in matches(pattern, annotated):
            share = int(match["share"])
            least = 5 if share >= 100 else 3 if share >= 60 else 1 if share else 0
            annotated.take(REMOTE.parameter, REMOTE_FROM[least], match.start(), match.end())


def read_distance(annotated: AnnotatedText) -> None:
    """Take “20 km” if a place has been understood, of which it is the distance."""
    if any(condition.parameter == "ou" for condition in annotated.conditions):
        for match in matches(_DISTANCE, annotated):
            if int(match["km"]) <= RADII[-1]:
                annotated.take("rayon", (_at_least(int(match["km"]), RADII),), match.start(), match.end())


def _at_least(value: int, steps: tuple[int, ...]) -> int:
    """Return the first step that is not below `value`."""
    return next(step for step in steps if step >= value)


def _levels(match: re.Match) -> tuple[str, ...]:
    """Return the levels of a count or range of years of experience."""
    groups, low = match.groupdict(), int(match["low"])
    high = int(groups.get("high") or 0)
    if groups.get("less"):
        return levels_between(0, max(low - 1, 0))
    if groups.get("more") or groups.get("plus") or groups.get("or_more"):
        return levels_between(low, None)
    return levels_between(low, max(low, high))


def levels_between(low: int, high: int | None) -> tuple[str, ...]:
    """Return the levels of `low` to `high` years of experience; without `high`, from `low` on."""
    return tuple(
        level.value
        for level in Level
        if (high is None or level.years[0] <= high) and (level.years[1] is None or low < level.years[1])
    )
