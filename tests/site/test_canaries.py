"""User input does not leak: every form of the site is submitted with canary values, which are then searched for.

The forms are those of the pages in access.txt, as each kind of user gets them. Each is submitted with valid data, with
invalid data, and with a database that fails and quotes its parameters. No canary may then be in a log (tracebacks
included), a URL, a cookie, the task queue, a cache key, the history of the admin, a file name or an error page.

A URL that accepts POST and is the action of no form on these pages needs a row in UNLINKED.
"""

import logging
import re
import runpy
import time
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import unquote_plus, urlencode

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, connection, transaction
from django.test import Client, TestCase
from django.urls import Resolver404, resolve
from django_q.models import OrmQ
from gunicorn.config import Config

from jobboard.ops.logs import RedactingFormatter
from offers.enums import OfferStatus
from tests.applications.pdfs import make_pdf
from tests.factories import make_company, make_lead, make_offer, make_report
from tests.site.access import COLUMNS, build_path, make_objects, make_users, read_rows
from tests.site.forms import Field, Form, parse_forms

# The canaries: words in each text value, and the digits of the phone number in any format.
CANARY, PASSWORD = "quetzalcanari", "Wombatcanari-7-ecume"
EMAIL, PHONE = f"{CANARY}@zephyr.example", "+33612983471"
NAME, TEXT = f"Zoé {CANARY.title()}", f"Au 7, rue du {CANARY.title()}, je réponds quand on m’appelle."
CANARIES = re.compile(rf"{CANARY}|wombatcanari|612983471", re.IGNORECASE)

VISITORS = ("anonymous", "alone", "owner", "superuser")
# Fields submitted with their initial value: honeypots, mutually exclusive choices, numbers with a format of their own.
UNCHANGED = {"detail", "DELETE", "clear", "confidential", "fully_remote", "siret", "apply_url", "pay_min", "pay_max"}
# Values of public fields, which may be part of a URL.
PUBLIC = {"title": "Un titre", "slug": "une-adresse", "company": "Zéphyr", "sector": "Conseil", "others": "Python"}
# By route, data that replaces the values of `valid`.
VALID_DATA = {
    "/recruteurs/entreprises/nouvelle/": {"name": "Zéphyr"},
    "/recruteurs/entreprises/<slug:slug>/": {"name": "Zéphyr"},
    "/admin/companies/company/add/": {"name": "Zéphyr"},
    "/admin/companies/company/<path:object_id>/change/": {"name": "Zéphyr"},
}
# Routes that must accept the data of `valid`: forms for personal data.
MUST_ACCEPT = {
    *("/contact/", "/alertes/nouvelle/", "/offres/<int:pk>-<slug:slug>/postuler/", "/candidatures/"),
    *("/offres/<int:pk>-<slug:slug>/signaler/", "/recruteurs/candidatures/<int:pk>/note/"),
    *("/recruteurs/candidatures/decliner/", "/recruteurs/entreprises/<slug:slug>/invitations/", "/compte/"),
    *("/recruteurs/entreprises/<slug:slug>/rejoindre/", "/compte/signup/", "/compte/email/"),
    *("/admin/contact/lead/add/", "/admin/contact/lead/<path:object_id>/change/", "/admin/accounts/user/add/"),
    *("/admin/accounts/user/<path:object_id>/change/", "/admin/moderation/report/decider/"),
}

# Data for the routes that accept POST and are the action of no form on the pages of this test.
SECRETS = {"password": PASSWORD, "password1": PASSWORD, "code": CANARY, "name": NAME, "credential": CANARY}
UNLINKED: dict[str, dict] = {
    "/recruteurs/offres/<int:pk>/reprendre/": {},
    "/recruteurs/offres/<int:pk>/envoyer/": {},
    "/candidatures/<str:token>/cv/": {"cv": "file"},
    "/alertes/confirmer/<str:token>/": {},
    "/recruteurs/entreprises/<slug:slug>/quitter/": {},
    "/recruteurs/suivi/<str:token>/": {"offre": CANARY, "acte": CANARY},
    "/compte/delete/": SECRETS,
    "/compte/password/set/": SECRETS,
    "/compte/password/reset/key/<uidb36>-<key>/": SECRETS,
    "/compte/2fa/authenticate/": SECRETS,
    "/compte/2fa/totp/activate/": SECRETS,
    "/compte/2fa/reauthenticate/": SECRETS,
    "/compte/2fa/recovery-codes/generate/": SECRETS,
    "/compte/2fa/keys/": SECRETS,
    "/compte/2fa/keys/add/": SECRETS,
    "/compte/2fa/keys/reauthenticate/": SECRETS,
    "/compte/2fa/keys/<int:pk>/remove/": SECRETS,
    "/compte/2fa/keys/<int:pk>/edit/": SECRETS,
    "/admin/companies/companyrevision/decider/": {"decision": "decline", "reason": TEXT},
    "/admin/": SECRETS,
    "/admin/<app_label>/": SECRETS,
    "/admin/login/": {"login": EMAIL, "username": EMAIL, **SECRETS},
    "/admin/r/<path:content_type_id>/<path:object_id>/": SECRETS,
}
COOKIES = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.DEVICE_COOKIE_NAME}
# Searches by GET: a query may be the name of a person.
SEARCHES = {
    "anonymous": ["/offres/", "/offres/suggestions/", "/offres/communes/", "/offres/flux.rss"],
    "owner": ["/recruteurs/candidatures/", "/recruteurs/candidatures/export/", "/recruteurs/competences/"],
    "superuser": [f"/admin/{model}/" for model in ("contact/lead", "accounts/user", "applications/application")],
}


def upload(content: bytes, name=f"{CANARY}.pdf", kind="application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def valid(field: Field):
    """Return a valid value for the field, None if a browser would not submit it."""
    name, kind = field.name.rsplit("-", 1)[-1], field.kind
    if kind == "hidden" or name in UNCHANGED or "vDate" in field.attributes.get("class", "") or kind == "number":
        return None if kind == "checkbox" and "checked" not in field.attributes else field.value
    if name in PUBLIC:
        return field.value or PUBLIC[name]
    if kind == "file":
        return None if "image" in field.attributes.get("accept", "") else upload(make_pdf() + CANARY.encode())
    if kind == "email" or "email" in name:
        return EMAIL
    if kind == "tel" or name == "phone":
        return PHONE
    if kind == "password":
        # A field for the current password gets that of make_user().
        return PASSWORD if name[-1].isdigit() else "motdepasse-d-essai"
    if kind == "select":
        return field.value or next((option for option in field.options if option), None)
    if kind in ("checkbox", "radio"):
        return field.value or "on"
    return TEXT if kind == "textarea" else field.value if "vTime" in field.attributes.get("class", "") else NAME


def invalid(field: Field):
    """Return an invalid value for the field."""
    if field.kind == "hidden" or field.name in UNCHANGED:
        return field.value
    if field.kind == "file":
        return upload(f"<script>{CANARY}".encode(), f"../{CANARY}.exe", "text/html")
    return f"{CANARY} 06 12 98 34 71 {PASSWORD} " * 40


def form_data(form: Form, fill) -> dict:
    data: dict[str, list] = {}
    for field in form.fields:
        value = fill(field)
        if value is None or "__prefix__" in field.name:
            continue
        if field.kind == "radio" and field.name in data:
            if "checked" in field.attributes:
                data[field.name] = [value]
            continue
        data.setdefault(field.name, []).append(value)
    return data


class FailingDatabase:
    """Fail on each write whose parameters hold a canary, with a message that quotes them, as PostgreSQL does."""

    def __init__(self):
        self.failed = 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE")) and "session" not in sql and CANARIES.search(str(params)):
            self.failed += 1
            raise DataError(f"invalid row\nDETAIL:  Failing row contains ({params}).") from ValueError(str(params))
        return execute(sql, params, many, context)


class LeakDetector:
    """Find canaries in the outputs of a request other than the database."""

    def __init__(self, private, media):
        self.lines, self.folders = [], (private, media)
        configuration = runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")
        self.access_logger = configuration["logger_class"](Config())
        self.access_format = configuration["access_log_format"]

    def leaks(self, response, url: str) -> list[tuple[str, str]]:
        """Return (place, text) of each canary in an output of the request for `url`."""
        path, _, query = url.partition("?")
        environ = {
            "REQUEST_METHOD": "POST",
            "RAW_URI": url,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "192.0.2.7",
        }
        log_response = SimpleNamespace(status=str(response.status_code), sent=0, headers=[])
        atoms = self.access_logger.atoms(log_response, SimpleNamespace(headers=[]), environ, timedelta())
        places = [("log", line) for line in self.lines]
        places += [("access log", self.access_format % self.access_logger.atoms_wrapper_class(atoms)), ("URL", path)]
        places += [("redirect", response.get("Location", ""))]
        # No cookie but the two random values: the content of a packed or signed cookie cannot be searched.
        places += [("cookie", f"{name} {CANARY}") for name in response.cookies if name not in COOKIES]
        places += [("task", f"{task.name()} {task.task['args']} {task.task['kwargs']}") for task in OrmQ.objects.all()]
        places += [("history", f"{entry.object_repr} {entry.change_message}") for entry in LogEntry.objects.all()]
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key FROM cache")
            places += [("cache", key) for (key,) in cursor.fetchall()]
        places += [("file", str(file)) for folder in self.folders for file in folder.rglob("*")]
        if response.status_code >= 500:
            places.append(("error page", response.content.decode()))
        return [(place, text) for place, text in places if CANARIES.search(re.sub(r"[ .]|%20", "", unquote_plus(text)))]


@pytest.fixture
def leak_detector(caplog, settings):
    settings.CONTACT_MINIMUM_DELAY = 0
    leak_detector = LeakDetector(settings.PRIVATE_DIR, settings.MEDIA_ROOT)
    formatter = RedactingFormatter(settings.LOGGING["formatters"]["line"]["format"], style="{")

    class CollectLines(logging.Handler):
        def emit(self, record):
            leak_detector.lines.append(formatter.format(record))

    collector = CollectLines()
    names = ["", "django", "django.request", "django.security", "django-q", "allauth", "jobboard", "offers"]
    for name in names:
        # Django itself at its default level: no site logs its DEBUG records.
        caplog.set_level("INFO" if name in ("", "django") else "DEBUG", name)
    loggers = [logger for logger in map(logging.getLogger, names) if logger.name == "root" or not logger.propagate]
    for logger in loggers:
        logger.addHandler(collector)
    yield leak_detector
    for logger in loggers:
        logger.removeHandler(collector)


class Sender:
    """A client of one kind of user with a recent authentication, which rolls back the changes of each POST."""

    def __init__(self, user):
        self.client = Client(raise_request_exception=False)
        if user:
            self.client.force_login(user)
            session = self.client.session
            session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
            session.save()
        self.session = self.client.cookies.get(settings.SESSION_COOKIE_NAME)

    def page(self, url) -> str:
        response = self.client.get(url)
        return response.content.decode() if response.get("Content-Type", "").startswith("text/html") else ""

    @contextmanager
    def post(self, url, data):
        """Yield the response before the changes are rolled back."""
        self.client.cookies.clear()
        if self.session:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.session.value
        for values in data.values():
            for file in values if isinstance(values, list) else [values]:
                if isinstance(file, SimpleUploadedFile):
                    file.seek(0)
        with transaction.atomic():
            with TestCase.captureOnCommitCallbacks(execute=True):
                response = self.client.post(url, data)
            # An exception in a view has marked the transaction for rollback.
            transaction.set_rollback(False)
            yield response
            transaction.set_rollback(True)


def route_of(url: str) -> str:
    try:
        route = resolve(url.partition("?")[0]).route
    except Resolver404:
        return ""
    return "/" + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).replace("^", "").removesuffix("$")


def iterate_pages(users, objects, company):
    """Yield (visitor, URL) of the pages that each may open by access.txt, and of those that need a query or a row."""
    for row in read_rows():
        if row.method == "GET":
            for visitor, expected in zip(COLUMNS, row.expected, strict=True):
                if visitor in VISITORS and expected in ("200", "302"):
                    yield visitor, build_path(row.route, objects.get(row.object_name, {}))
    application = objects["application"]["pk"]
    yield "owner", f"/recruteurs/candidatures/decliner/?c={application}"
    yield "superuser", f"/admin/moderation/report/decider/?offre={make_report().offer_id}"
    objects_by_model = {
        "contact/lead": make_lead(owner=users["superuser"]).pk,
        "accounts/user": users["alone"].pk,
        "companies/company": company.pk,
        "applications/application": application,
        "offers/offer": objects["published"]["pk"],
        "moderation/report": make_report().pk,
    }
    for model, pk in objects_by_model.items():
        for page in ("add", f"{pk}/change", f"{pk}/delete"):
            yield "superuser", f"/admin/{model}/{page}/"


@pytest.fixture
def senders(db, search_index):
    """Return the senders by column, [(column, URL)] of the pages to open, and the objects of access.txt by name."""
    company = make_company(name="Ateliers")
    users = make_users(company, make_company(name="Concurrent"))
    objects = make_objects(company, users)
    make_offer(company=company, status=OfferStatus.SUBMITTED, published_at=None, expires_at=None)
    search_index.follow()
    senders = {visitor: Sender(users.get(visitor)) for visitor in VISITORS}
    return senders, [*iterate_pages(users, objects, company)], objects


def test_submitted_data_does_not_leak(leak_detector, senders):
    senders, pages, objects = senders
    submissions = {}
    for visitor, url in pages:
        for form in parse_forms(url, senders[visitor].page(url)):
            names = tuple(sorted({field.name for field in form.fields}))
            submissions.setdefault((route_of(form.url), names), (visitor, form))

    leaks, accepted, failed = {}, set(), set()

    def send(visitor, route, url, data, kind) -> int:
        leak_detector.lines.clear()
        with senders[visitor].post(url, data) as response:
            for place, text in leak_detector.leaks(response, url):
                leaks.setdefault((route, kind, place), text)
        return response.status_code

    for (route, _), (visitor, form) in submissions.items():
        for fill in (valid, invalid):
            data = {**form_data(form, fill), **(VALID_DATA.get(route, {}) if fill is valid else {})}
            for button in form.buttons or [None]:
                status = send(visitor, route, form.url, {**data, **dict([button] if button else [])}, fill.__name__)
                assert status < 500, (route, fill)
                if fill is valid and status == 302:
                    accepted.add(route)
        failing = FailingDatabase()
        with connection.execute_wrapper(failing):
            data = {**form_data(form, valid), **VALID_DATA.get(route, {}), **dict(form.buttons[:1])}
            status = send(visitor, route, form.url, data, "failing")
        if failing.failed and status == 500:
            failed.add(route)

    linked, missing = {route for route, _ in submissions}, []
    for row in read_rows():
        permitted = [name for name, status in zip(COLUMNS, row.expected, strict=True) if status in ("200", "302")]
        visitor = next((name for name in VISITORS if name in permitted), None)
        if row.method != "POST" or visitor is None or row.route in linked:
            continue
        if row.route not in UNLINKED:
            missing.append(row.route)
            continue
        data = {**UNLINKED[row.route]}
        if data.get("cv"):
            data["cv"] = upload(make_pdf())
        send(visitor, row.route, build_path(row.route, objects.get(row.object_name, {})), data, "unlinked")
    assert not missing, (
        "These URLs accept POST and are the action of no form on a page in access.txt: let `iterate_pages` in this "
        "file yield a page with such a form, or add data for them to UNLINKED.\n" + "\n".join(missing)
    )
    stale = sorted(set(UNLINKED) - {row.route for row in read_rows()})
    assert not stale, stale
    assert not leaks, "\n".join(f"{' | '.join(key)}\n    {text[-800:]}" for key, text in leaks.items())
    # The test proves something only if valid data is accepted and database errors occur.
    assert sorted(MUST_ACCEPT - accepted) == []
    assert len(failed) > 8, failed


def test_search_queries_are_not_logged(leak_detector, senders):
    senders, _, _ = senders
    for visitor, urls in SEARCHES.items():
        for url in urls:
            query = urlencode({"q": f"{NAME} {EMAIL}", "lieu": NAME, "depuis": CANARY})
            leak_detector.lines.clear()
            response = senders[visitor].client.get(f"{url}?{query}")
            assert response.status_code < 500
            leaks = [leak for leak in leak_detector.leaks(response, f"{url}?{query}") if leak[0] != "redirect"]
            assert leaks == [], url
