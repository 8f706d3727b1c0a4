"""Races on unique values that are personal data raise no UniqueViolation: PostgreSQL logs the value with it."""

import threading
import time
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.urls import reverse

from jobboard.accounts.adapter import confirm_address
from jobboard.accounts.forms import AddEmailForm
from jobboard.accounts.models import User
from jobboard.locks import lock_value
from offers.alerts.models import Alert
from offers.alerts.requests import request_alert
from offers.applications.intake import receive_application
from offers.applications.models import Application
from offers.companies import team
from offers.companies.models import Company, Invitation
from tests.accounts.forms import sign_up
from tests.admin.pages import form_data
from tests.admin.staff import make_superuser
from tests.factories import make_company, make_member, make_offer, make_user
from tests.threads import run_in_threads

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
THREADS = 4
EMAIL = "anne@example.org"


@pytest.fixture
def no_minimum_delay(settings):
    settings.CONTACT_MINIMUM_DELAY = 0


class Race:
    """Run a function in threads; each waits before its inserts and updates until the others have done their checks."""

    def __init__(self):
        self.violations, self._lock = [], threading.Lock()

    def _execute(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE")):
            time.sleep(0.15)
        try:
            return execute(sql, params, many, context)
        except IntegrityError as error:
            with self._lock:
                self.violations.append(str(error))
            raise

    def run(self, function) -> list[Exception]:
        """Run `function` in all threads and return the errors; fail if the database reported a violation."""

        def watched():
            with connection.execute_wrapper(self._execute):
                function()

        outcomes = run_in_threads(*(watched for _ in range(THREADS)), refusal=Exception)
        assert self.violations == []
        return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def test_race_finds_violations():
    def create():
        with transaction.atomic():
            if not User.objects.filter(email=EMAIL).exists():
                make_user(email=EMAIL)

    with pytest.raises(AssertionError, match=EMAIL):
        Race().run(create)


def test_accounts_with_one_address(client, no_minimum_delay):
    clients = iter([type(client)(client.index) for _ in range(THREADS)])
    # The index is not needed, and its writer is for one thread.
    requests = threading.Lock()

    def create():
        with requests:
            own = next(clients)
        own.index.root = None
        sign_up(own, EMAIL)

    root = client.index.root
    try:
        assert Race().run(create) == []
    finally:
        client.index.root = root
    assert User.objects.filter(email=EMAIL).count() == 1


def test_confirmations_of_one_address():
    user = make_user(email=EMAIL, confirmed=False)
    assert Race().run(partial(confirm_address, user)) == []
    assert user.emailaddress_set.get().verified


def test_applications_of_one_candidate():
    offer = make_offer()

    def apply():
        application = Application(offer=offer, email=EMAIL, name="Anne", message="Bonjour")
        receive_application(application, "192.0.2.1", ContentFile(b"%PDF", name="cv.pdf"))

    assert Race().run(apply) == []
    assert Application.objects.count() == 1
    storage = Application._meta.get_field("cv").storage
    assert storage.exists(Application.objects.get().cv.name)


def test_alerts_of_one_address():
    assert Race().run(partial(request_alert, EMAIL, "q=python", "python", "daily", "192.0.2.1")) == []
    assert Alert.objects.count() == 1


def test_invitations_of_one_address():
    company = make_company()
    owner = make_member(company).user
    errors = Race().run(lambda: team.invite(company, owner, EMAIL, "recruiter"))
    assert {type(error) for error in errors} == {team.TeamRefused}
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("accounts", [1, THREADS])
def test_companies_with_the_name_of_a_person(accounts):
    """One account has one of them; several accounts do not learn of each other's."""
    users = [make_user() for _ in range(accounts)] * (THREADS // accounts)

    def create():
        with lock:
            user = users.pop()
        team.create_company(Company(name="Anne Exemple", siret="73282932000074", kind="direct"), user)

    lock = threading.Lock()
    errors = Race().run(create)
    assert [type(error) for error in errors] == [team.CompanyExists] * (THREADS - accounts)
    assert Company.objects.count() == accounts


def test_badges_of_companies_with_one_siret():
    curator = make_user(is_staff=True)
    companies = [make_company(siret="73282932000074") for _ in range(THREADS)]

    def verify():
        with lock:
            company = companies.pop()
        company.verify(curator)

    lock = threading.Lock()
    assert Race().run(verify) == []
    assert Company.objects.filter(verified_at__isnull=False).count() == 1


def test_companies_with_the_name_of_a_person_in_the_admin(client):
    """Curators add one company at the same time: each row gets a slug of its own, without a violation."""
    curators = [client]
    curators += [type(client)(client.index) for _ in range(THREADS - 1)]
    for each in curators:
        each.force_login(make_superuser())
    url = reverse("admin:companies_company_add")
    data = form_data(client.get(url), name="Anne Exemple", siret="73282932000074")
    # The index is not needed, and its writer is for one thread.
    root, client.index.root = client.index.root, None
    waiting = iter(curators)

    def add():
        with lock:
            own = next(waiting)
        assert own.post(url, data).status_code == 302

    lock = threading.Lock()
    try:
        assert Race().run(add) == []
    finally:
        client.index.root = root
    assert set(Company.objects.values_list("slug", flat=True)) == {
        *("anne-exemple", "anne-exemple-2", "anne-exemple-3", "anne-exemple-4")
    }


def test_new_addresses_of_one_account(monkeypatch):
    user = make_user()

    def change():
        form = AddEmailForm(data={"email": EMAIL}, user=user)
        assert form.is_valid()
        request = RequestFactory().post(reverse("account_email"))
        request.user, request.session = user, {}
        form.save(request)

    sent = "allauth.account.internal.flows.email_verification.send_verification_email_to_address"
    monkeypatch.setattr(sent, lambda *args, **options: None)
    assert Race().run(change) == []
    assert user.emailaddress_set.filter(verified=False).count() == 1


def test_lock_needs_a_transaction():
    with pytest.raises(RuntimeError):
        lock_value("account", EMAIL)
