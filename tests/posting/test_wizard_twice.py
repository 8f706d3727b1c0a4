"""A form for a new offer that is submitted twice."""

from django.test import Client

from offers.models import Offer
from tests.factories import make_member, make_user
from tests.posting.forms import step_data, step_url, url
from tests.threads import needs_postgresql, run_in_threads


def new_form(client) -> dict:
    return step_data(client.get(url("new")), title="Développeuse Go", contract="cdi")


def test_same_submission_makes_one_draft(client, member):
    data = new_form(client)
    responses = [client.post(url("new"), data) for _ in range(2)]
    offer = Offer.objects.get()
    assert [response.url for response in responses] == [step_url(offer, "conditions")] * 2


def test_changed_text_another_page_or_user_makes_another_draft(client, member, company):
    data = new_form(client)
    for changed in (data, {**data, "title": "Développeuse Rust"}, new_form(client), {**data, "form_token": ""}):
        assert client.post(url("new"), changed).status_code == 302
    assert Offer.objects.count() == 4


@needs_postgresql
def test_concurrent_submissions_make_one_draft(transactional_db, company):
    user = make_member(company, make_user(email="anne@example.org")).user
    clients = [Client(), Client()]
    for each in clients:
        each.force_login(user)
    data = new_form(clients[0])
    urls = run_in_threads(*(lambda each=each: each.post(url("new"), data).url for each in clients), refusal=ValueError)
    assert urls == [step_url(Offer.objects.get(), "conditions")] * 2
