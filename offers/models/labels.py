"""French labels of the pay and remote work of offers, for pages, feeds and the admin; empty for unknown values."""

from careers.enums import Level
from jobboard.text.numbers import NBSP, counted, plural, thousands
from offers.fields import FACTS

_LEVELS = dict(Level.choices)


def pay_label(offer) -> str:
    """Return “55 – 65 K€” for a yearly salary, “450 – 550 € par jour” for a daily rate, or a single amount."""
    if offer.pay_min is None or offer.pay_max is None:
        return ""
    amounts = list(dict.fromkeys((offer.pay_min, offer.pay_max)))
    dash = f"{NBSP}–{NBSP}"
    if offer.pay_period == "day":
        return f"{dash.join(map(thousands, amounts))}{NBSP}€ par jour"
    if all(amount % 100 == 0 for amount in amounts):
        return f"{dash.join(map(_kilo, amounts))}{NBSP}K€"
    return f"{dash.join(map(thousands, amounts))}{NBSP}€"


def pay_unit_label(offer) -> str:
    """Return the unit of `pay_label`: gross for employees, before tax for freelancers."""
    return "hors taxes" if offer.pay_period == "day" else "brut par an"


def remote_label(offer) -> str:
    """Return “sur site”, “2 jours de télétravail” or “100 % télétravail”."""
    if offer.fully_remote:
        return f"100{NBSP}% télétravail"
    if offer.remote_days is None:
        return ""
    if offer.remote_days == 0:
        return "sur site"
    return f"{counted(offer.remote_days, 'jour')} de télétravail"


def short_remote_label(offer) -> str:
    """Return `remote_label` as on cards: “2 j de télétravail”."""
    return remote_label(offer).replace(f"{NBSP}jours", f"{NBSP}j").replace(f"{NBSP}jour", f"{NBSP}j")


def level_label(offer) -> tuple[str, str]:
    """Return the level and its years: “Confirmé” and “, 4 à 8 ans”."""
    level, comma, years = _LEVELS.get(offer.experience, "").partition(",")
    return level, comma + years


def offer_count_label(count: int | None) -> str:
    """Return “Aucune offre”, “1 offre” or “1 234 offres”."""
    return f"{thousands(count)} offre{plural(count)}" if count else "Aucune offre"


def _kilo(amount: int) -> str:
    """Return 52500 as “52,5”."""
    whole, tenths = divmod(amount // 100, 10)
    return f"{whole},{tenths}" if tenths else str(whole)


def stated_facts(offer) -> list[str]:
    """Return the labels of the fields with a `fact` in `offers/fields.py`; empty fields have none."""
    labels = ((field, getattr(offer, f"get_{field.name}_display")()) for field in FACTS)
    return [field.fact(label) for field, label in labels if label]
