"""Pay in the search box: a minimum per year or per day, and amounts that no filter can apply."""

import re

from offers.models.offer import PAY_BOUNDS
from offers.places.gazetteer import gazetteer
from offers.understanding.patterns import END, START, TO, compiled, matches, one_of, optional
from offers.understanding.tokens import AnnotatedText

# Salaries from here to there are likely in € per year. Below 250 a named salary is in thousands: “salaire 45”.
MIN_SALARY, MAX_SALARY, MAX_THOUSANDS = 15_000, 250_000, 250

_NUMBER = r"(?:\d{1,3}(?:[ .\xa0\u202f]\d{3})+|\d+(?:[.,]\d{1,2})?)"
# “79 450€/j” is a department and a rate.
_RATE = r"(?:[12][ .]\d{3}|\d{2,4}(?:[.,]\d{1,2})?)"
_EURO = r"(?:€|euros?|eur)"
_KILO = rf"(?:k\s?{_EURO}?|ke|mille(?:\s{_EURO})?)"
_PAY = one_of("salaire, salaires, rémunération, rémunérations, rémunéré, salary, package, fixe, paye")
_RATE_NAME = one_of("tjm, taux journalier, taux journalier moyen, tarif, tarif journalier, daily rate, day rate")
_LEAST = one_of(
    "entre, plus de, minimum, mini, min, au moins, à partir de, des, de, from, over, at least, above, >, >=, ≥"
)
_FROM = rf"(?:{_LEAST}|:)"
_PER_YEAR = rf"(?:(?:/|par\s|per\s|a\s)\s?{one_of('an, year, annum')})"
_AFTER = one_of("minimum, mini, min, et plus, ou plus, brut, bruts, annuel, annuels, +")
_MOST = rf"(?:\s?(?:{_AFTER}|{_PER_YEAR})(?!\w))*"
_PER_DAY = rf"(?:(?:/|par|per|la|a)\s?{one_of('jour, jours, j, jr, day, days, d')})"
_TAXED = r"(?:nets?|brut)"
_SHORT_PERIOD = (
    rf"(?:(?:/|par|per|de\sl'|l'|an|a)\s?{one_of('mois, month, h, heure, heures, hour')}"
    rf"|{one_of('mensuel, mensuels, monthly')})"
)
_AMOUNT = rf"(?:{_NUMBER}\s?(?:{_EURO}|{_KILO})|\d{{4,6}}|\d\s?\d{{3}})"

# “4000 net”, “2200 € par mois”, “15 €/h”: filters are per year before tax, and per day.
_REJECTED = compiled(
    rf"(?:(?:{_PAY}|{_LEAST})\s?)?(?:{_NUMBER}\s?k?{TO})?{_AMOUNT}\s?(?:{_TAXED}\s?)*",
    rf"(?:(?<![.])nets?|{_SHORT_PERIOD}){END}(?:\s?(?:{_TAXED}|{_SHORT_PERIOD}){END})*",
)
# A maximum: filters are minimums.
_MOST_WORDS = one_of("moins de, jusqu’à, max, maximum, maxi, inférieur à, less than, under, up to, <, <=")
_MAXIMUM = (
    compiled(
        rf"(?:(?:{_PAY}|{_RATE_NAME})\s?)?{_MOST_WORDS}",
        rf"\s?{_NUMBER}\s?(?:{_KILO}|{_EURO})(?:\s?{_PER_DAY})?(?!\w)",
    ),
    compiled(rf"{_NUMBER}\s?(?:{_KILO}|{_EURO})(?:\s?{_PER_DAY})?\s?{one_of('max, maximum, maxi')}(?!\w)"),
)
# “550 €”, “3500€ brut”, “3k”: no salary of a year, but a daily rate beside “freelance” or “HT”.
_SMALL = compiled(rf"(?P<low>{_NUMBER})\s?(?:(?P<kilo>{_KILO})|{_EURO})(?:\s?(?P<untaxed>ht))?(?!\w)(?:\s?brut)?")
_SMALL_RANGE = range(100, MIN_SALARY)
_DAILY_WORDS = re.compile(r"\b(?:freelance|free-lance|independant|portage|mission|missions|tjm|contractor)\b")
_DAILY = (
    # “tjm 450-500”
    compiled(
        rf"{_RATE_NAME}\s?{_FROM}?\s?(?P<low>{_RATE})",
        optional(_EURO, f"{TO}{_RATE}", _EURO, f"ht{END}", f"{_PER_DAY}{END}"),
        _MOST,
    ),
    # “500 €/jour”, “500 € jour”, “500 tjm”
    compiled(
        rf"(?:{_LEAST}\s?)?(?P<low>{_RATE})",
        optional(_EURO, f"{TO}{_RATE}", _EURO, "ht"),
        rf"\s?(?:{_PER_DAY}|(?<=[€so]\s){one_of('jour, jours, j, day, days')}|{_RATE_NAME})(?!\w)",
        _MOST,
    ),
)
_LOW = rf"(?P<low>{_NUMBER})(?:\s?(?:(?P<kilo>{_KILO})|{_EURO}))?"
_HIGH = rf"{_NUMBER}\s?(?:(?P<kilos>{_KILO})|{_EURO})"
# After a word for pay a number needs no unit: “salaire 45-50”.
_NAMED_SALARY = compiled(
    rf"{_PAY}\s?{optional('annuels?', 'brut', _FROM)}\s?{_LOW}",
    rf"(?:{TO}{_NUMBER}(?:\s?(?:(?P<kilos>{_KILO})|{_EURO}))?)?(?!\w)",
    _MOST,
)
_SALARIES = (
    # “50-60k”
    compiled(rf"(?:{_LEAST}\s?)?{_LOW}{TO}{_HIGH}(?!\w)", _MOST),
    # “45 000 €”
    compiled(rf"(?:{_LEAST}\s?)?(?P<low>{_NUMBER})\s?(?:(?P<kilo>{_KILO})|{_EURO})(?!\w)", _MOST),
    # “42000 brut annuel”
    compiled(rf"(?P<low>\d{{2,3}}[ .]?\d{{3}})(?=\s?(?:brut|annuels?|{_PER_YEAR}))", _MOST),
)
# A round number without a unit, unless it is a postal code or belongs to a standard.
_ROUND = re.compile(rf"{START}(?<!iso )(?<!iec )(?<!nf )(?<!en )(?P<low>[2-9]\d[05]00|1\d\d000){END}(?!\s?[%€])")
# Amounts of something else: “65k lignes”, “budget 500 k€”.
_COUNTED = re.compile(
    r"\s?(?:de\s)?"
    + one_of(
        "ligne, lignes, line, lines, loc, utilisateur, user, salarie, employe, collaborateur, personnes, postes, "
        "abonne, follower, requete, req, tps, rps, qps, iops, transaction, produit, document, page, serveur, message, "
        "hz, view, download, visiteur, visite, de budget, clients"
    )
    + "(?! fin)"
)
_BUDGET = re.compile(
    one_of("budget, budgets, levée, lève, ca, chiffre d’affaires, capital, subvention") + r"(?:\s(?:de|of|d'))?\s?$"
)


def read_pay(annotated: AnnotatedText) -> None:
    """Take minimum salaries and rates, and reject what no filter can apply."""
    is_freelance = bool(_DAILY_WORDS.search(annotated.folded))
    for pattern in (_REJECTED, *_MAXIMUM):
        for match in matches(pattern, annotated):
            annotated.reject(match.start(), match.end())
    for pattern in _DAILY:
        for match in matches(pattern, annotated):
            _take(annotated, "tjm", match, round(_amount(match["low"])), *PAY_BOUNDS["day"])
    for pattern in (_NAMED_SALARY, *_SALARIES):
        for match in matches(pattern, annotated):
            if not _is_count(annotated, match):
                amount = _yearly(match, is_named=pattern is _NAMED_SALARY)
                _take(annotated, "salaire", match, amount, MIN_SALARY, MAX_SALARY)
    for match in matches(_SMALL, annotated):
        amount = round(_amount(match["low"]) * (1000 if match["kilo"] else 1))
        if amount in _SMALL_RANGE and not _is_count(annotated, match):
            if (is_freelance or match["untaxed"]) and not match["kilo"]:
                _take(annotated, "tjm", match, amount, *PAY_BOUNDS["day"])
            else:
                annotated.reject(match.start(), match.end())
    for match in matches(_ROUND, annotated):
        if not gazetteer().with_postal_code(match["low"]):
            _take(annotated, "salaire", match, int(match["low"]), MIN_SALARY, MAX_SALARY)


def _take(annotated: AnnotatedText, parameter: str, match: re.Match, amount: int, low: int, high: int) -> None:
    if low <= amount <= high:
        annotated.take(parameter, (amount,), match.start(), match.end())


def _amount(text: str) -> float:
    digits = re.sub(r"(?<=\d)[ .\xa0\u202f](?=\d{3}(?!\d))", "", text)
    return float(digits.replace(",", "."))


def _yearly(match: re.Match, is_named: bool) -> int:
    amount, units = _amount(match["low"]), match.groupdict()
    in_thousands = units.get("kilo") or units.get("kilos") or (is_named and amount < MAX_THOUSANDS)
    return round(amount * 1000 if in_thousands and amount < 1000 else amount)


def _is_count(annotated: AnnotatedText, match: re.Match) -> bool:
    return bool(_COUNTED.match(annotated.folded, match.end()) or _BUDGET.search(annotated.folded[: match.start()]))
