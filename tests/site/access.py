"""The table of access rights in access.txt, the routes of the site, and the users and objects that the table names."""

import re
from pathlib import Path
from typing import NamedTuple

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from offers.alerts import links
from offers.companies.enums import MemberRole
from offers.companies.models import Invitation, JoinRequest
from offers.enums import OfferStatus
from offers.models import Offer
from offers.posting.models import Reminder
from tests.factories import (
    make_alert,
    make_application,
    make_company,
    make_member,
    make_offer,
    make_role,
    make_user,
)

TABLE = Path(__file__).with_name("access.txt")
GROUPS = {"curation": "Curation", "moderation": "Modération", "commercial": "Commercial"}
COLUMNS = ("anonymous", "alone", "recruiter", "owner", "rival", *GROUPS, "superuser")
STAFF = (*GROUPS, "superuser")
# Pages of alerts that are opened by a signed link.
LINKS = (links.CONFIRM, links.MANAGE, links.STOP)


def make_users(company, other) -> dict:
    """Return users by column of the table: `recruiter` and `owner` are members of `company`, `rival` of `other`."""
    users = {
        "alone": make_user(email="alone@example.org"),
        "owner": make_member(company, make_user(email="owner@example.org")).user,
        "recruiter": make_member(company, make_user(email="recruiter@example.org"), MemberRole.RECRUITER).user,
        "rival": make_member(other, make_user(email="rival@example.org")).user,
        "superuser": make_user(is_staff=True, is_superuser=True),
    }
    for column, name in GROUPS.items():
        users[column] = make_user(is_staff=True)
        users[column].groups.add(Group.objects.get(name=name))
    return users


def make_objects(company, users) -> dict[str, dict]:
    """Return the URL parameters of each object that the table names in brackets."""
    draft = {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None}
    offers = {
        "published": make_offer(company=company),
        "draft": make_offer(company=company, **draft),
        "confidential": make_offer(company=company, confidential=True),
        "closed": make_offer(company=company, status=OfferStatus.FILLED, closed_at=timezone.now()),
    }
    invitation = Invitation.objects.create(company=company, email="invited@example.org")
    request = JoinRequest.objects.create(company=company, user=make_user())
    unknown = make_company(name="Jamais publiée")
    make_offer(company=unknown, confidential=True)
    member = company.memberships.get(user=users["recruiter"])
    application = make_application(offer=offers["published"])
    return {
        **{name: {"pk": offer.pk, "slug": offer.slug} for name, offer in offers.items()},
        "step": {"pk": offers["draft"].pk, "slug": "poste"},
        "last_step": {"pk": offers["draft"].pk, "slug": "verification"},
        "missing": {"pk": 987_654_321, "slug": "nulle-part", "token": "x:y", "name": f"{'0' * 32}.webp"},
        "company": {"slug": company.slug},
        "unknown": {"slug": unknown.slug},
        "member": {"slug": company.slug, "pk": member.pk},
        "invitation": {"slug": company.slug, "pk": invitation.pk, "token": invitation.token},
        "request": {"slug": company.slug, "pk": request.pk},
        "reminder": {"token": Reminder.objects.create(user=users["recruiter"]).token},
        "application": {"pk": application.pk, "token": application.token},
        **{page: {"token": links.path(page, make_alert()).split("/")[-2]} for page in LINKS},
        "role": {"slug": make_role().slug},
        "rss": {"feed_format": "rss"},
        "key": {"uidb36": "1", "key": "set-password"},
        "user": {"id": users["alone"].pk},
        "offers": {"app_label": "offers"},
        "shortcut": {
            "content_type_id": ContentType.objects.get_for_model(Offer).pk,
            "object_id": offers["published"].pk,
        },
    }


class Row(NamedTuple):
    """A row of the table: the expected status of a request, by column."""

    method: str
    route: str
    object_name: str
    expected: tuple[str, ...]


def read_rows() -> list[Row]:
    rows = []
    for line in TABLE.read_text().splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        method, route, *rest = words
        object_name = rest.pop(0).strip("[]") if rest and rest[0].startswith("[") else ""
        if len(rest) == 1:
            rest *= len(COLUMNS)
        assert len(rest) == len(COLUMNS), f"access.txt: a row has one status, or {len(COLUMNS)}: {line}"
        rows.append(Row(method, route, object_name, tuple(rest)))
    return rows


def iterate_routes(resolver=None, prefix="/", namespaces=""):
    """Yield (route, URL name) of every URL pattern; a group of a regular expression is written `<key>`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(pattern.pattern)).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            nested = namespaces + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from iterate_routes(pattern, route, nested)
        else:
            yield route, namespaces + (pattern.name or "")


def build_path(route: str, parameters: dict) -> str:
    """Return the path of a route with these values of its parameters."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(parameters[match[1]]), route)
