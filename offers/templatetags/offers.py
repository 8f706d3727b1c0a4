"""How an offer's pay and days at home are worded, wherever they are shown. What is unknown is shown as nothing."""

from urllib.parse import urlsplit

from django import template

from jobboard.text.templatetags.text import NBSP, thousands
from offers.fields import FACTS

register = template.Library()


def _kilo(amount: int) -> str:
    """52500 as “52,5”."""
    whole, tenths = divmod(amount // 100, 10)
    return f"{whole},{tenths}" if tenths else str(whole)


@register.filter
def pay(offer) -> str:
    """“55 – 65 K€” a year, “450 – 550 € par jour”; one amount where both ends are the same."""
    if offer.pay_min is None or offer.pay_max is None:
        return ""
    ends = list(dict.fromkeys((offer.pay_min, offer.pay_max)))
    dash = f"{NBSP}–{NBSP}"
    if offer.pay_period == "day":
        return f"{dash.join(map(thousands, ends))}{NBSP}€ par jour"
    if all(amount % 100 == 0 for amount in ends):
        return f"{dash.join(map(_kilo, ends))}{NBSP}K€"
    return f"{dash.join(map(thousands, ends))}{NBSP}€"


@register.filter
def pay_unit(offer) -> str:
    """What the amounts of `pay` are: gross for employees, before tax for a freelance."""
    return "hors taxes" if offer.pay_period == "day" else "brut par an"


@register.filter
def remote(offer) -> str:
    """“sur site”, “2 jours de télétravail”, “100 % télétravail”."""
    if offer.fully_remote:
        return f"100{NBSP}% télétravail"
    if offer.remote_days is None:
        return ""
    if offer.remote_days == 0:
        return "sur site"
    return f"{offer.remote_days}{NBSP}jour{'s' if offer.remote_days > 1 else ''} de télétravail"


@register.filter
def stated_facts(offer) -> list[str]:
    """Return the facts that stand after place, contract, pay and remote work, as `offers/fields.py` words them."""
    labels = ((field, getattr(offer, f"get_{field.name}_display")()) for field in FACTS)
    return [field.fact(label) for field, label in labels if label]


@register.filter
def offers(count: int) -> str:
    """A number of offers in words: “Aucune offre”, “1 offre”, “1 234 offres”."""
    if not count:
        return "Aucune offre"
    return "1 offre" if count == 1 else f"{thousands(count)} offres"


@register.filter
def web_host(url: str) -> str:
    """“www.example.org” out of an address, shorter to read."""
    return urlsplit(url).hostname or url
