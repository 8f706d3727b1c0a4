"""Access rights: every URL of the site is requested as every kind of user and compared with the table in access.txt.

The table is written and reviewed by hand, not generated: each row is a requirement, and two companies never see each
other's offers, drafts, applications or members. A URL without a row fails. For a new URL, add its rows to access.txt;
for a URL with parameters, name in brackets the object that it refers to (`make_objects` in access.py).

The standard pages of the admin follow the permissions in tests/admin/test_groups.py and need no rows; other pages that
a ModelAdmin adds do.
"""

from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.accounts.forms import verify_second_factor
from tests.admin.test_groups import MAKERS, RIGHTS
from tests.factories import make_company
from tests.site.access import (
    COLUMNS,
    GROUPS,
    STAFF,
    build_path,
    iterate_routes,
    make_objects,
    make_users,
    read_rows,
)

pytestmark = pytest.mark.postgresql
# The standard pages of each model in the admin, with the index of the required permission: view, add, change, delete.
STANDARD = {"changelist": 0, "add": 1, "change": 0, "history": 0, "delete": 3}


def is_standard(route: str, name: str) -> bool:
    """Return whether the permissions on a model decide the access to this page of the admin."""
    model, _, page = name.removeprefix("admin:").rpartition("_")
    # Django redirects old URLs of a change form by a pattern without a name.
    is_redirect = name == "admin:" and (route.endswith("/<path:object_id>/") or route == "/admin/<url>")
    return is_redirect or (name.startswith("admin:") and model in RIGHTS and page in STANDARD)


# Responses that are the same for all visitors.
PUBLIC = ("/offres/communes/", "/offres/suggestions/", "/offres/flux.", "/media/logos/")


class Visitor:
    """A client of one kind of user, which rolls back the changes of each request.

    `storable` lists the private responses that caches may store.
    """

    def __init__(self, user, second_factor=False):
        self.user, self.storable = user, []
        self.client = Client(raise_request_exception=False)
        if user:
            self.client.force_login(user)
        if second_factor:
            verify_second_factor(self.client, user)
        self.cookies = self.client.cookies.output(header="", sep=";")

    def request_status(self, method: str, url: str, is_private: bool = False) -> str:
        """Return the status of the response, or "login" for a redirect to a login page.

        Responses to users, and with `is_private` to anonymous visitors, are private.
        """
        self.client.cookies = SimpleCookie(self.cookies)
        with transaction.atomic():
            response = self.client.generic(method, url, content_type="application/x-www-form-urlencoded")
            transaction.set_rollback(True)
        is_private = (is_private and response.status_code < 400) or (self.user and not url.startswith(PUBLIC))
        if is_private and "no-store" not in response.get("Cache-Control", ""):
            self.storable.append(f"{method} {url}: {response.status_code} {response.get('Cache-Control', '')}")
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
def visitors(users, search_index, caplog, settings):
    # A failure report would be hidden by the tracebacks of a thousand refused requests.
    caplog.set_level("CRITICAL", "django.request")
    settings.STAFF_MFA_REQUIRED = True
    return {column: Visitor(users.get(column), second_factor=column in STAFF) for column in COLUMNS}


def test_every_url_has_rows_in_the_table():
    rows = {(row.method, row.route) for row in read_rows()}
    declared = {route for route, name in iterate_routes() if not is_standard(route, name)}
    missing = [
        f"{method} {route}" for route in sorted(declared) for method in ("GET", "POST") if (method, route) not in rows
    ]
    assert not missing, (
        "tests/site/access.txt has no row for these URLs. Write the status that each kind of user must get: one for "
        f"all, or one for each of {', '.join(COLUMNS)}; for a URL with parameters, name in brackets the object that it "
        "refers to (see make_objects in tests/site/access.py):\n" + "\n".join(missing)
    )
    stale = sorted({row.route for row in read_rows()} - declared)
    assert not stale, "tests/site/access.txt has rows for URLs that no longer exist:\n" + "\n".join(stale)


def test_every_kind_of_user_gets_the_status_in_the_table(company, users, visitors, search_index):
    objects = make_objects(company, users)
    search_index.follow()
    errors = []
    for row in read_rows():
        url = build_path(row.route, objects.get(row.object_name, {}))
        is_signed = "token>" in row.route or "key>" in row.route
        statuses = tuple(visitors[column].request_status(row.method, url, is_signed) for column in COLUMNS)
        if statuses != row.expected:
            columns = [column for column, a, b in zip(COLUMNS, statuses, row.expected, strict=True) if a != b]
            suffix = f" [{row.object_name}]" if row.object_name else ""
            errors.append(
                f"{row.method} {row.route}{suffix}\n  differs for {', '.join(columns)}"
                f"\n  expected {' '.join(row.expected)}\n  actual   {' '.join(statuses)}"
            )
    assert not errors, "\n".join(errors)
    assert_private_responses_are_not_stored(visitors)


def assert_private_responses_are_not_stored(visitors):
    storable = [f"{column}: {line}" for column, visitor in visitors.items() for line in visitor.storable]
    assert not storable, "\n".join(storable)


def test_staff_without_a_second_factor_have_the_rights_of_a_user_without_a_company(
    company, users, visitors, search_index
):
    objects = make_objects(company, users)
    search_index.follow()
    passwords = {column: Visitor(users[column]) for column in STAFF}
    errors = []
    for row in read_rows():
        # The login page of the admin leads to the second factor; it shows nothing else.
        if row.route == "/admin/login/":
            continue
        url = build_path(row.route, objects.get(row.object_name, {}))
        expected = visitors["alone"].request_status(row.method, url)
        for column, visitor in passwords.items():
            status = visitor.request_status(row.method, url)
            if status != expected:
                errors.append(f"{row.method} {url} as {column}: {status}, not {expected}")
    assert not errors, "\n".join(errors)


def test_standard_admin_pages_require_the_permission_on_the_model(users, visitors):
    errors = []
    # Without an object any pk will do: permissions are checked before the object is loaded.
    pks = {model: make().pk for model, make in MAKERS.items()}
    for route, name in iterate_routes():
        if not is_standard(route, name) or name == "admin:":
            continue
        model, _, page = name.removeprefix("admin:").rpartition("_")
        url = build_path(route, {"object_id": pks.get(model, 987_654_321)})
        for column in COLUMNS:
            status = visitors[column].request_status("GET", url)
            if column not in STAFF:
                expected = {"login"}
            elif column == "superuser":
                # The tables of the task queue are read-only; a missing object redirects to the list.
                expected = {"200"} if page == "changelist" else {"200", "302", "403"}
            else:
                is_permitted = GROUPS[column] in RIGHTS[model][STANDARD[page]]
                expected = ({"200"} if model in pks else {"200", "302"}) if is_permitted else {"403"}
            if status not in expected and not (model not in pks and status in {"302", "403"} and column in STAFF):
                errors.append(f"{url} as {column}: {status}, not {' or '.join(sorted(expected))}")
    assert not errors, "\n".join(errors)
    assert_private_responses_are_not_stored(visitors)


def test_every_admin_model_has_its_permissions_in_the_table():
    models = {
        name.removeprefix("admin:").removesuffix("_changelist")
        for _, name in iterate_routes()
        if name.endswith("_changelist")
    }
    assert models == set(RIGHTS), "add the model to RIGHTS in tests/admin/test_groups.py"
