"""Who may open what: every address of the site, asked for by every kind of user, against the table in access.txt.

The table is to be reviewed, not generated: a row says what ought to be, and two companies never see each other's
offers, drafts, applications or people. An address without a row fails. To add one, write its rows into access.txt; an
address with parameters names in brackets what it is asked about, which `make_objects` below makes.

The standard pages of the admin follow the rights in tests/admin/test_groups.py and need no rows; pages that a model's
admin adds do.
"""

import re
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NamedTuple

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from offers.alerts import links
from offers.companies.enums import MemberRole
from offers.companies.models import Invitation, JoinRequest
from offers.enums import OfferStatus
from offers.models import Offer
from offers.posting.models import Reminder
from tests.admin.test_groups import MAKERS, RIGHTS
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
# The pages that a signed link opens, whoever has it.
LINKS = (links.CONFIRM, links.MANAGE, links.STOP)
# What every model has in the admin, and the right that it takes: view, add, change, delete.
STANDARD = {"changelist": 0, "add": 1, "change": 0, "history": 0, "delete": 3}


def make_users(company, other) -> dict:
    """By the columns of the table: `recruiter` and `owner` work for the company asked about, `rival` does not."""
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
    """What stands in brackets in the table: the values of the parameters in the address, by their names."""
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
    method: str
    route: str
    about: str
    expected: tuple[str, ...]


def rows() -> list[Row]:
    found = []
    for line in TABLE.read_text().splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        method, route, *rest = words
        about = rest.pop(0).strip("[]") if rest and rest[0].startswith("[") else ""
        if len(rest) == 1:
            rest *= len(COLUMNS)
        assert len(rest) == len(COLUMNS), f"access.txt: one cell for everybody, or {len(COLUMNS)}: {line}"
        found.append(Row(method, route, about, tuple(rest)))
    return found


def routes(resolver=None, prefix="/", names=""):
    """(route, its name) of all that can be asked for; a parameter of a regular expression is written `<key>`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(pattern.pattern)).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route, names + (f"{pattern.namespace}:" if pattern.namespace else ""))
        else:
            yield route, names + (pattern.name or "")


def is_standard(route: str, name: str) -> bool:
    """Whether the rights on a model say all about this page of the admin."""
    model, _, page = name.removeprefix("admin:").rpartition("_")
    # The one without a name is where Django sends old addresses of a change form.
    old = name == "admin:" and (route.endswith("/<path:object_id>/") or route == "/admin/<url>")
    return old or (name.startswith("admin:") and model in RIGHTS and page in STANDARD)


def address(route: str, values: dict) -> str:
    """The route with the values in it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), route)


class Visitor:
    """One kind of user. What a request does is undone, so that the next one finds everything as it was."""

    def __init__(self, user):
        self.client = Client(raise_request_exception=False)
        if user:
            self.client.force_login(user)
        self.cookies = self.client.cookies.output(header="", sep=";")

    def ask(self, method: str, url: str) -> str:
        self.client.cookies = SimpleCookie(self.cookies)
        with transaction.atomic():
            response = self.client.generic(method, url, content_type="application/x-www-form-urlencoded")
            transaction.set_rollback(True)
        target = response.get("Location", "").partition("?")[0]
        if target in {reverse("account_login"), reverse("admin:login")} and target != url:
            return "login"
        return str(response.status_code)


@pytest.fixture
def company(db):
    return make_company(name="Ateliers")


@pytest.fixture
def users(company):
    return make_users(company, make_company(name="Concurrent"))


@pytest.fixture
def visitors(users, search_index, caplog):
    # A thousand refusals with their tracebacks would hide what is wrong.
    caplog.set_level("CRITICAL", "django.request")
    return {column: Visitor(users.get(column)) for column in COLUMNS}


def test_every_address_has_its_rows():
    written = {(row.method, row.route) for row in rows()}
    declared = {route for route, name in routes() if not is_standard(route, name)}
    missing = [
        f"{method} {route}"
        for route in sorted(declared)
        for method in ("GET", "POST")
        if (method, route) not in written
    ]
    assert not missing, (
        "tests/site/access.txt has no row for these. Write what each kind of user ought to get, one status for all or "
        f"one for each of {', '.join(COLUMNS)}; with parameters, name in brackets what is asked about "
        "(see make_objects in tests/site/test_access.py):\n" + "\n".join(missing)
    )
    gone = sorted({row.route for row in rows()} - declared)
    assert not gone, "tests/site/access.txt has rows for addresses that are no longer there:\n" + "\n".join(gone)


def test_everybody_gets_what_the_table_says_and_nothing_else(company, users, visitors, search_index):
    objects = make_objects(company, users)
    search_index.follow()
    wrong = []
    for row in rows():
        url = address(row.route, objects.get(row.about, {}))
        got = tuple(visitors[column].ask(row.method, url) for column in COLUMNS)
        if got != row.expected:
            who = [column for column, a, b in zip(COLUMNS, got, row.expected, strict=True) if a != b]
            about = f" [{row.about}]" if row.about else ""
            wrong.append(
                f"{row.method} {row.route}{about}\n  differs for {', '.join(who)}"
                f"\n  ought to be {' '.join(row.expected)}\n  is          {' '.join(got)}"
            )
    assert not wrong, "\n".join(wrong)


def test_the_standard_pages_of_the_admin_are_for_whoever_has_the_right(users, visitors):
    wrong = []
    # Any number does: who may not look is refused before it is looked for, who may is sent on.
    pks = {model: make().pk for model, make in MAKERS.items()}
    for route, name in routes():
        if not is_standard(route, name) or name == "admin:":
            continue
        model, _, page = name.removeprefix("admin:").rpartition("_")
        url = address(route, {"object_id": pks.get(model, 987_654_321)})
        for column in COLUMNS:
            got = visitors[column].ask("GET", url)
            if column not in STAFF:
                expected = {"login"}
            elif column == "superuser":
                # The queue's own tables are not for writing; what is not there sends back to the list.
                expected = {"200"} if page == "changelist" else {"200", "302", "403"}
            else:
                may = GROUPS[column] in RIGHTS[model][STANDARD[page]]
                expected = ({"200"} if model in pks else {"200", "302"}) if may else {"403"}
            if got not in expected and not (model not in pks and got in {"302", "403"} and column in STAFF):
                wrong.append(f"{url} as {column}: {got}, not {' or '.join(sorted(expected))}")
    assert not wrong, "\n".join(wrong)


def test_every_model_of_the_admin_is_in_the_table_of_rights():
    models = {
        name.removeprefix("admin:").removesuffix("_changelist") for _, name in routes() if name.endswith("_changelist")
    }
    assert models == set(RIGHTS), "add the model to RIGHTS in tests/admin/test_groups.py"
