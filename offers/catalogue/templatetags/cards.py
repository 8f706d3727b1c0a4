"""Offers as items of a list.

Written without templates: of a page with twenty offers they took a third of the time.
"""

from datetime import datetime
from html import escape

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from jobboard.text.dates import relative_date
from offers.models.labels import pay_label, remote_label
from offers.search import excerpts

register = template.Library()


@register.simple_tag
def cards(offers, words: frozenset[str] | None = None) -> SafeString:
    """One item for each of `offers`: cards, or those of OfferQuerySet.for_cards. Their headings are h3, under an h2.

    With `words`, what was searched, they are marked, and the description is quoted where it has them.
    """
    now = timezone.localtime()
    return SafeString("".join(_card(offer, words, now) for offer in offers))


@register.simple_tag
def card(offer) -> SafeString:
    return cards([offer])


def _card(offer, words: frozenset[str] | None, now: datetime) -> str:
    facts = [f"<li>{escape(str(offer.place))}</li>"] if offer.place else []
    facts.append(f"<li>{offer.get_contract_display()}</li>")
    if amount := pay_label(offer):
        facts.append(f'<li class="pay">{amount}</li>')
    if days := remote_label(offer):
        facts.append(f"<li>{_capital(days)}</li>")
    why = ""
    if highlights := offer.highlight_list:
        why = f'<p class="why">{_marked(excerpts.marked(_capital(" · ".join(highlights)), words))}</p>'
    if words and offer.description:
        why += f'<p class="why">{_marked(excerpts.excerpt(offer.description, words))}</p>'
    return f"""<li class="offer">
  <h3><a href="{offer.get_absolute_url()}">{_marked(excerpts.marked(offer.title, words))} <span class="quiet nowrap">(H/F)</span></a></h3>
  <span class="employer">{_logo(offer.public_company)}{escape(_capital(offer.employer_line))}</span>
  {_age(offer.published_at, now)}
  <ul class="facts">{" ".join(facts)}</ul>
  {why}
</li>
"""  # noqa: E501


def _age(published_at: datetime | None, now: datetime) -> str:
    """Nothing for an offer that its authors see before it comes out."""
    if published_at is None:
        return ""
    day = published_at.astimezone(now.tzinfo).date()
    return f'<time class="age" datetime="{day.isoformat()}">{relative_date(day, now.date())}</time>'


def _logo(company) -> str:
    """As templates/offers/_logo.html draws it."""
    if company is None or not company.logo:
        return ""
    address = escape(company.logo.url)
    return f'<img class="logo" src="{address}" alt="" width="24" height="24" loading="lazy" decoding="async">'


def _marked(parts: list[excerpts.Part]) -> str:
    return "".join(f"<mark>{escape(part)}</mark>" if found else escape(part) for part, found in parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
