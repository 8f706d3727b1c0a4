"""Links above the results that add a usual criterion with one click, and one to offers that a minimum pay hides."""

from dataclasses import replace

from careers.enums import Level
from jobboard.text.numbers import NBSP
from offers.catalogue.chips import CountedLink
from offers.catalogue.parameters import PAY_NOT_STATED, PAY_STATED
from offers.enums import Contract
from offers.fields import CONTRACT, EXPERIENCE, FULLY_REMOTE, REMOTE
from offers.search.criteria import Criteria

# Label, query parameter, value.
SHORTCUTS = (
    (f"100{NBSP}% télétravail", REMOTE.parameter, FULLY_REMOTE),
    ("Débutants", EXPERIENCE.parameter, Level.BEGINNER.value),
    ("Freelance", CONTRACT.parameter, Contract.FREELANCE.value),
    ("Avec salaire", "remuneration", PAY_STATED),
    ("Nouveau", "depuis", "1"),
)


def shortcuts(search) -> list[CountedLink]:
    """Return the shortcuts of an OfferFilter that have offers and whose parameter is not used; it has been counted."""
    links = []
    for label, name, value in SHORTCUTS:
        if search.cleaned.get(name) or search.understanding.of(name):
            continue
        if count := _count(search, name, value):
            links.append(CountedLink(label, search.url(**{name: value}), count))
    return links


def _count(search, name: str, value: str) -> int:
    """Return the count of offers with a value: the one that the form shows, if it counts the parameter."""
    if name == "remuneration":
        return search.count(replace(search.criteria, pay_stated=True))
    return search.form.fields[name].widget.counts.get(value, 0)


def without_pay(search) -> CountedLink | None:
    """Return the offers without pay that a minimum pay leaves out; None if there are none."""
    criteria = search.criteria
    if not (criteria.salary or criteria.daily_rate):
        return None
    count = search.count(without_pay_criteria(criteria))
    conditions = [*search.understanding.of("salaire"), *search.understanding.of("tjm")]
    url = search.url(
        without=("salaire", "tjm"), q=search.understanding.without(conditions), remuneration=PAY_NOT_STATED
    )
    return CountedLink("sans salaire communiqué", url, count) if count else None


def without_pay_criteria(criteria: Criteria) -> Criteria:
    return replace(criteria, salary=None, daily_rate=None, pay_stated=False)
