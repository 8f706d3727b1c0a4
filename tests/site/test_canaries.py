"""What people type stays where it belongs: every form of the site is filled in with what can be found again.

The forms are those of the pages in access.txt, as each kind of visitor gets them, sent as they should be, all wrong,
and with a database that fails and quotes what it was given. None of it may then be in a log (with its tracebacks), an
address, a cookie, the task queue, the key of a cache, the admin's history, the name of a file, or an error page.

An address that takes a POST and that no form of a page leads to needs a row in UNLINKED.
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
from tests.site.forms import Field, Form, forms
from tests.site.test_access import COLUMNS, address, make_objects, make_users, rows

# In everything that is typed; and the digits of the telephone number, however they are written.
CANARY, PASSWORD = "quetzalcanari", "Wombatcanari-7-ecume"
EMAIL, PHONE = f"{CANARY}@zephyr.example", "+33612983471"
NAME, TEXT = f"Zoé {CANARY.title()}", f"Au 7, rue du {CANARY.title()}, je réponds quand on m’appelle."
FOUND = re.compile(rf"{CANARY}|wombatcanari|612983471", re.IGNORECASE)

VISITORS = ("anonymous", "alone", "owner", "superuser")
# What is left as the page gave it: filled in by programs only, opposites of each other, numbers of a kind of their own.
AS_IT_IS = {"detail", "DELETE", "clear", "confidential", "fully_remote", "siret", "apply_url", "pay_min", "pay_max"}
# What everybody may read, so that it may stand in an address.
PUBLIC = {"title": "Un titre", "slug": "une-adresse", "company": "Zéphyr", "sector": "Conseil", "others": "Python"}
# By route: what differs from `right`.
TYPED = {
    "/recruteurs/entreprises/nouvelle/": {"name": "Zéphyr"},
    "/recruteurs/entreprises/<slug:slug>/": {"name": "Zéphyr"},
    "/admin/companies/company/add/": {"name": "Zéphyr"},
    "/admin/companies/company/<path:object_id>/change/": {"name": "Zéphyr"},
}
# Where `right` must go through, and its failure be told: what people write about themselves or others.
TAKEN = {
    *("/contact/", "/alertes/nouvelle/", "/offres/<int:pk>-<slug:slug>/postuler/"),
    *("/offres/<int:pk>-<slug:slug>/signaler/", "/recruteurs/candidatures/<int:pk>/note/"),
    *("/recruteurs/candidatures/decliner/", "/recruteurs/entreprises/<slug:slug>/invitations/", "/compte/"),
    *("/recruteurs/entreprises/<slug:slug>/rejoindre/", "/compte/signup/", "/compte/email/"),
    *("/admin/contact/lead/add/", "/admin/contact/lead/<path:object_id>/change/", "/admin/accounts/user/add/"),
    *("/admin/accounts/user/<path:object_id>/change/", "/admin/moderation/report/decider/"),
}

# The addresses that take a POST and that no form leads to as things stand in this test: what is sent there.
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
    "/admin/": SECRETS,
    "/admin/<app_label>/": SECRETS,
    "/admin/login/": {"login": EMAIL, "username": EMAIL, **SECRETS},
    "/admin/r/<path:content_type_id>/<path:object_id>/": SECRETS,
}
COOKIES = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
# Searches, which are GETs: what is looked for may be somebody.
SEARCHES = {
    "anonymous": ["/offres/", "/offres/suggestions/", "/offres/communes/", "/offres/flux.rss"],
    "owner": ["/recruteurs/candidatures/", "/recruteurs/candidatures/export/", "/recruteurs/competences/"],
    "superuser": [f"/admin/{model}/" for model in ("contact/lead", "accounts/user", "catalogue/application")],
}


def file(content: bytes, name=f"{CANARY}.pdf", kind="application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def right(field: Field):
    """What somebody would give here; nothing for what a browser would not send."""
    name, kind = field.name.rsplit("-", 1)[-1], field.kind
    if kind == "hidden" or name in AS_IT_IS or "vDate" in field.attributes.get("class", "") or kind == "number":
        return None if kind == "checkbox" and "checked" not in field.attributes else field.value
    if name in PUBLIC:
        return field.value or PUBLIC[name]
    if kind == "file":
        return None if "image" in field.attributes.get("accept", "") else file(make_pdf() + CANARY.encode())
    if kind == "email" or "email" in name:
        return EMAIL
    if kind == "tel" or name == "phone":
        return PHONE
    if kind == "password":
        # The account’s own, where it is asked for.
        return PASSWORD if name[-1].isdigit() else "motdepasse-d-essai"
    if kind == "select":
        return field.value or next((option for option in field.options if option), None)
    if kind in ("checkbox", "radio"):
        return field.value or "on"
    return TEXT if kind == "textarea" else field.value if "vTime" in field.attributes.get("class", "") else NAME


def wrong(field: Field):
    if field.kind == "hidden" or field.name in AS_IT_IS:
        return field.value
    if field.kind == "file":
        return file(f"<script>{CANARY}".encode(), f"../{CANARY}.exe", "text/html")
    return f"{CANARY} 06 12 98 34 71 {PASSWORD} " * 40


def typed(form: Form, how) -> dict:
    data: dict[str, list] = {}
    for field in form.fields:
        value = how(field)
        if value is None or "__prefix__" in field.name:
            continue
        if field.kind == "radio" and field.name in data:
            if "checked" in field.attributes:
                data[field.name] = [value]
            continue
        data.setdefault(field.name, []).append(value)
    return data


class FailingDatabase:
    """Refuses the first row that something typed is to be written to, and quotes it, as PostgreSQL does."""

    def __init__(self):
        self.failed = 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE")) and "session" not in sql and FOUND.search(str(params)):
            self.failed += 1
            raise DataError(f"invalid row\nDETAIL:  Failing row contains ({params}).") from ValueError(str(params))
        return execute(sql, params, many, context)


class Watch:
    """Everything that a request leaves where it does not belong, as (place, what)."""

    def __init__(self, private, media):
        self.lines, self.folders = [], (private, media)
        configuration = runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")
        self.access = configuration["logger_class"](Config())
        self.format = configuration["access_log_format"]

    def left(self, response, asked: str) -> list[tuple[str, str]]:
        path, _, query = asked.partition("?")
        environ = {
            "REQUEST_METHOD": "POST",
            "RAW_URI": asked,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "192.0.2.7",
        }
        answer = SimpleNamespace(status=str(response.status_code), sent=0, headers=[])
        atoms = self.access.atoms(answer, SimpleNamespace(headers=[]), environ, timedelta())
        places = [("log", line) for line in self.lines]
        places += [("access log", self.format % self.access.atoms_wrapper_class(atoms)), ("address", path)]
        places += [("redirect", response.get("Location", ""))]
        # Two random values and no other: what is packed or signed cannot be looked through.
        places += [("cookie", f"{name} {CANARY}") for name in response.cookies if name not in COOKIES]
        places += [("task", f"{task.name()} {task.task['args']} {task.task['kwargs']}") for task in OrmQ.objects.all()]
        places += [("history", f"{act.object_repr} {act.change_message}") for act in LogEntry.objects.all()]
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key FROM cache")
            places += [("cache", key) for (key,) in cursor.fetchall()]
        places += [("file", str(file)) for folder in self.folders for file in folder.rglob("*")]
        if response.status_code >= 500:
            places.append(("error page", response.content.decode()))
        return [(place, text) for place, text in places if FOUND.search(re.sub(r"[ .]|%20", "", unquote_plus(text)))]


@pytest.fixture
def watch(caplog, settings):
    settings.CONTACT_MINIMUM_DELAY = 0
    watch = Watch(settings.PRIVATE_DIR, settings.MEDIA_ROOT)
    line = RedactingFormatter(settings.LOGGING["formatters"]["line"]["format"], style="{")

    class Keep(logging.Handler):
        def emit(self, record):
            watch.lines.append(line.format(record))

    keep = Keep()
    names = ["", "django", "django.request", "django.security", "django-q", "allauth", "jobboard", "offers"]
    for name in names:
        # Of Django itself as it is shipped: its DEBUG is for nobody’s site.
        caplog.set_level("INFO" if name in ("", "django") else "DEBUG", name)
    tops = [logger for logger in map(logging.getLogger, names) if logger.name == "root" or not logger.propagate]
    for logger in tops:
        logger.addHandler(keep)
    yield watch
    for logger in tops:
        logger.removeHandler(keep)


class Sender:
    """One kind of visitor, who has just signed in. What a request does is undone."""

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
    def sent(self, url, data):
        """The answer, while what it has left is there."""
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
            # An error that a view let through has asked for it already.
            transaction.set_rollback(False)
            yield response
            transaction.set_rollback(True)


def route_of(url: str) -> str:
    try:
        route = resolve(url.partition("?")[0]).route
    except Resolver404:
        return ""
    return "/" + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).replace("^", "").removesuffix("$")


def pages(users, objects, company):
    """(visitor, url) of what each of them may open, as access.txt says, and of what hangs on a query or a row."""
    for row in rows():
        if row.method == "GET":
            for visitor, expected in zip(COLUMNS, row.expected, strict=True):
                if visitor in VISITORS and expected in ("200", "302"):
                    yield visitor, address(row.route, objects.get(row.about, {}))
    application = objects["application"]["pk"]
    yield "owner", f"/recruteurs/candidatures/decliner/?c={application}"
    yield "superuser", f"/admin/moderation/report/decider/?offre={make_report().offer_id}"
    rows_of = {
        "contact/lead": make_lead(owner=users["superuser"]).pk,
        "accounts/user": users["alone"].pk,
        "catalogue/company": company.pk,
        "catalogue/application": application,
        "catalogue/offer": objects["published"]["pk"],
        "catalogue/report": make_report().pk,
    }
    for model, pk in rows_of.items():
        for page in ("add", f"{pk}/change", f"{pk}/delete"):
            yield "superuser", f"/admin/{model}/{page}/"


@pytest.fixture
def senders(db, search_index):
    """The visitors, and what they may look at: (by name, [(visitor, url)], [row of access.txt, filled in])."""
    company = make_company(name="Ateliers")
    users = make_users(company, make_company(name="Concurrent"))
    objects = make_objects(company, users)
    make_offer(company=company, status=OfferStatus.SUBMITTED, published_at=None, expires_at=None)
    search_index.follow()
    return {visitor: Sender(users.get(visitor)) for visitor in VISITORS}, [*pages(users, objects, company)], objects


def test_what_is_typed_stays_where_it_belongs(watch, senders):
    senders, to_open, objects = senders
    sendings = {}
    for visitor, url in to_open:
        for form in forms(url, senders[visitor].page(url)):
            names = tuple(sorted({field.name for field in form.fields}))
            sendings.setdefault((route_of(form.url), names), (visitor, form))

    leaks, taken, told = {}, set(), set()

    def send(visitor, route, url, data, how) -> int:
        watch.lines.clear()
        with senders[visitor].sent(url, data) as response:
            for place, text in watch.left(response, url):
                leaks.setdefault((route, how, place), text)
        return response.status_code

    for (route, _), (visitor, form) in sendings.items():
        for how in (right, wrong):
            data = {**typed(form, how), **(TYPED.get(route, {}) if how is right else {})}
            for button in form.buttons or [None]:
                status = send(visitor, route, form.url, {**data, **dict([button] if button else [])}, how.__name__)
                assert status < 500, (route, how)
                if how is right and status == 302:
                    taken.add(route)
        failing = FailingDatabase()
        with connection.execute_wrapper(failing):
            data = {**typed(form, right), **TYPED.get(route, {}), **dict(form.buttons[:1])}
            status = send(visitor, route, form.url, data, "failing")
        if failing.failed and status == 500:
            told.add(route)

    sent, missing = {route for route, _ in sendings}, []
    for row in rows():
        may = [name for name, got in zip(COLUMNS, row.expected, strict=True) if got in ("200", "302")]
        visitor = next((name for name in VISITORS if name in may), None)
        if row.method != "POST" or visitor is None or row.route in sent:
            continue
        if row.route not in UNLINKED:
            missing.append(row.route)
            continue
        data = {**UNLINKED[row.route]}
        if data.get("cv"):
            data["cv"] = file(make_pdf())
        send(visitor, row.route, address(row.route, objects.get(row.about, {})), data, "unlinked")
    assert not missing, (
        "No form of a page in access.txt leads to these addresses, which take a POST: have `pages` in this file open "
        "one that does, or say in UNLINKED what is to be sent there.\n" + "\n".join(missing)
    )
    gone = sorted(set(UNLINKED) - {row.route for row in rows()})
    assert not gone, gone
    assert not leaks, "\n".join(f"{' | '.join(key)}\n    {text[-800:]}" for key, text in leaks.items())
    # Else this test would show nothing.
    assert sorted(TAKEN - taken) == []
    assert len(told) > 8, told


def test_who_is_looked_for_is_in_no_log(watch, senders):
    senders, _, _ = senders
    for visitor, urls in SEARCHES.items():
        for url in urls:
            query = urlencode({"q": f"{NAME} {EMAIL}", "lieu": NAME, "depuis": CANARY})
            watch.lines.clear()
            response = senders[visitor].client.get(f"{url}?{query}")
            assert response.status_code < 500
            left = [(place, text) for place, text in watch.left(response, f"{url}?{query}") if place != "redirect"]
            assert left == [], url
