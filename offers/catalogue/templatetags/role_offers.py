"""The offers of roles for the templates of careers, whose Python does not depend on offers."""

from django import template

from jobboard.caching.tags import add_keys
from offers.catalogue.role_offers import RoleOffers, fetch_role_offers
from offers.visibility import published_offer_count

register = template.Library()


@register.simple_tag(takes_context=True)
def role_offers(context, role) -> RoleOffers:
    """Return the published offers of `role`, and add their surrogate keys to those of the page."""
    offers = fetch_role_offers(role)
    add_keys(context["request"], offers.surrogate_keys)
    return offers


@register.simple_tag(takes_context=True)
def with_offer_count(context, roles):
    """Return the queryset `roles` with `offer_count`, and add the surrogate key of its counts to those of the page."""
    add_keys(context["request"], ["published"])
    return roles.annotate(offer_count=published_offer_count("role"))
