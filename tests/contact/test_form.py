"""The contact form: validation, honeypot, form token, rate limit and page."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.contact.models import Lead, Sender
from jobboard.form_token import make_form_token
from jobboard.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db
URL = reverse("contact:form")


@pytest.fixture
def form_token(monkeypatch):
    """Return a form token created a minute ago."""
    import time

    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now - 60)
    value = make_form_token()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now)
    return value


@pytest.fixture
def form_data(form_token):
    return {
        "subject": "recruteur",
        "name": "Anne Martin",
        "company": "Exemple SAS",
        "email": "anne@example.org",
        "phone": "06 12 34 56 78",
        "role": "CTO",
        "message": "Bonjour,\r\nje recrute.",
        "page": "/metiers/cto/",
        "form_token": form_token,
        "detail": "",
    }


def test_valid_form_creates_a_lead_and_queues_its_mails(client, form_data):
    response = client.post(URL, form_data)

    assert response.status_code == 302
    assert response.url == reverse("contact:thanks")
    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.email) == ("Anne Martin", "Exemple SAS", "anne@example.org")
    assert lead.phone.as_e164 == "+33612345678"
    assert lead.message == "Bonjour,\nje recrute."
    assert (lead.role, lead.page, lead.status) == ("CTO", "/metiers/cto/", "new")
    assert OutboxMessage.objects.due().about("contact", lead=lead.pk).count() == 2
    assert mail.outbox == [], "the response does not wait for the mail server"
    for row in OrmQ.objects.all():
        assert (row.task["func"], row.task["args"]) == ("jobboard.mail.tasks.send_outbox", ())
        assert "anne" not in str({**row.task}).lower()
    assert "anne" not in str(list(OutboxMessage.objects.values())).lower()


def test_thanks_page_contains_thanks(client):
    assert "merci" in client.get(reverse("contact:thanks")).content.decode()


def test_error_while_queueing_stores_nothing(client, form_data, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("jobboard.mail.outbox.async_task", fail)
    with pytest.raises(RuntimeError):
        client.post(URL, form_data)
    assert not Lead.objects.exists()
    assert not Sender.objects.filter(count__gt=0).exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0612345678", "+33612345678"),
        ("01.23.45.67.89", "+33123456789"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+32 470 12 34 56", "+32470123456"),
        ("+41 44 668 18 00", "+41446681800"),
        ("+262 692 12 34 56", "+262692123456"),
        ("", ""),
    ],
)
def test_telephone_number_is_stored_in_e164(client, form_data, typed, stored):
    client.post(URL, {**form_data, "phone": typed})
    phone = Lead.objects.get().phone
    assert (phone.as_e164 if phone else "") == stored


@pytest.mark.parametrize("typed", ["12", "06 12 34", "+33 6 12", "téléphone", "0" * 40, "+999 1234567"])
def test_invalid_telephone_number_shows_an_error_and_keeps_the_values(client, form_data, typed):
    response = client.post(URL, {**form_data, "phone": typed})

    html = response.content.decode()
    assert "Ce numéro n’est pas valable" in html or "au plus 40" in html
    assert 'role="alert"' in html
    for value in ("Anne Martin", "Exemple SAS", "anne@example.org", "je recrute.", typed):
        assert value in html
    assert not Lead.objects.exists()


@pytest.mark.parametrize("field", ["name", "company", "email", "role"])
@pytest.mark.parametrize("end", ["\r\nBcc: x@example.org", "\nx", "\u2028x", "\x1bx"])
def test_line_breaks_in_one_line_fields_are_refused(client, form_data, field, end):
    response = client.post(URL, {**form_data, field: form_data[field] + end})
    assert response.status_code == 200
    assert not Lead.objects.exists()


@pytest.mark.parametrize("field", ["subject", "name", "company", "email", "message"])
def test_required_field_shows_an_error(client, form_data, field):
    response = client.post(URL, {**form_data, field: "  "})
    assert f'href="#contact-{field}"' in response.content.decode()
    assert not Lead.objects.exists()


def test_length_of_a_message_counts_a_line_break_once(client, form_data):
    client.post(URL, {**form_data, "message": "\r\n".join("a" * 2_500)})
    assert len(Lead.objects.get().message) == 4_999


@pytest.mark.parametrize(
    ("page", "stored"),
    [
        ("/metiers/cto/?q=anne@example.org", "/metiers/cto/"),
        ("//evil.example/x", ""),
        ("https://evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("/\\evil.example", ""),
        ("/a\nb", ""),
        ("/" + "a" * 500, "/" + "a" * 199),
    ],
)
def test_page_of_origin_is_a_local_path_or_empty(client, form_data, page, stored):
    client.post(URL, {**form_data, "page": page})
    assert Lead.objects.get().page == stored


def test_honeypot_redirects_to_the_thanks_page_and_stores_nothing(client, form_data):
    response = client.post(URL, {**form_data, "detail": "http://spam.example"})
    assert response.url == reverse("contact:thanks")
    assert not Lead.objects.exists()
    assert not OrmQ.objects.exists()


def test_honeypot_is_hidden_from_assistive_technology_and_keyboard(client):
    html = client.get(URL).content.decode()
    trap = re.search(r'<div class="trap" aria-hidden="true">.*?</div>', html, re.DOTALL)[0]
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap


def test_form_sent_too_fast_keeps_the_values_and_can_be_sent_later(client, form_data, monkeypatch):
    import time

    form_data["form_token"] = make_form_token()
    html = client.post(URL, form_data).content.decode()
    assert "robot" in html
    assert "je recrute." in html
    assert not Lead.objects.exists()

    token = re.search(r'name="form_token" value="([^"]+)"', html)[1]
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 10)
    assert client.post(URL, {**form_data, "form_token": token}).status_code == 302
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("bad", ["", "x", "a:b:c", "é:é:é", None])
def test_missing_or_forged_token_is_replaced(client, form_data, bad):
    form_data.pop("form_token")
    html = client.post(URL, form_data if bad is None else {**form_data, "form_token": bad}).content.decode()
    assert "resté ouvert trop longtemps" in html
    assert "je recrute." in html
    assert re.search(r'name="form_token" value="[^"]{30,}"', html)


def test_expired_token_is_replaced(client, form_data, monkeypatch):
    import time

    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 25 * 3600)
    assert "resté ouvert trop longtemps" in client.post(URL, form_data).content.decode()


def test_form_sent_twice_creates_one_lead(client, form_data):
    assert client.post(URL, form_data).status_code == client.post(URL, form_data).status_code == 302
    assert Lead.objects.count() == OrmQ.objects.count() == 1
    assert Sender.objects.get().count == 1


def test_other_values_with_the_same_token_create_another_lead(client, form_data):
    client.post(URL, form_data)
    client.post(URL, {**form_data, "name": "Quelqu’un d’autre"})
    assert Lead.objects.count() == 2


def test_rate_limit_returns_429_and_keeps_the_values(client, form_data, settings):
    settings.CONTACT_LIMIT_PER_HOUR = 2
    for i in range(2):
        assert client.post(URL, {**form_data, "name": f"N{i}"}).status_code == 302
    response = client.post(URL, {**form_data, "name": "La troisième"})

    assert response.status_code == 429
    assert 3_500 < int(response["Retry-After"]) <= 3_600
    html = response.content.decode()
    assert "La troisième" in html
    assert "60\u00a0minutes" in html
    assert Lead.objects.count() == 2
    assert OrmQ.objects.count() == 2

    Sender.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(URL, {**form_data, "name": "La troisième"}).status_code == 302


def test_form_is_prefilled_from_the_query_string_and_the_referer(client):
    html = client.get(URL + "?metier=developpeur-full-stack", HTTP_REFERER="http://testserver/metiers/x/?a=b").content
    assert 'value="developpeur full stack"' in html.decode()
    assert 'name="page" value="/metiers/x/"' in html.decode()
    other = client.get(URL + "?metier=" + "a" * 500, HTTP_REFERER="http://evil.example/metiers/x/").content.decode()
    assert 'value="' + "a" * 120 + '"' in other
    assert "evil" not in other


def test_form_has_autocomplete_hints_and_no_inline_style(client):
    html = client.get(URL).content.decode()
    for hint in ("name", "organization", "email", "tel"):
        assert f'autocomplete="{hint}"' in html
    assert reverse("privacy") in html
    assert "style=" not in html


def test_nul_character_is_a_bad_request(client, form_data):
    assert client.post(URL, {**form_data, "name": "a\0b"}).status_code == 400


def test_number_of_queries_is_limited(client, form_data, django_assert_max_num_queries):
    with django_assert_max_num_queries(0):
        client.get(URL)
    with django_assert_max_num_queries(11):
        client.post(URL, form_data)


@pytest.mark.parametrize(
    ("days", "period"), [(365, "1\u00a0an"), (3 * 365, "3\u00a0ans"), (90, "3\u00a0mois"), (400, "400\u00a0jours")]
)
def test_form_and_privacy_page_show_the_retention_period(client, settings, days, period):
    settings.LEAD_RETENTION_DAYS = days
    settings.CONTACT_RETENTION_DAYS = 100
    periods = f"{period} après le dernier contact pour un recrutement, 100\u00a0jours pour les autres sujets"
    assert f"gardées {periods}, et" in client.get("/contact/").content.decode()
    assert f"{periods}, puis effacement" in client.get("/confidentialite/").content.decode()
    settings.CONTACT_RETENTION_DAYS = days
    assert f"gardées {period} après le dernier contact, et" in client.get("/contact/").content.decode()
