"""The contact form as a visitor meets it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.contact.models import Lead, Sender
from jobboard.mail.models import OutboxMessage
from jobboard.stamp import make_stamp

pytestmark = pytest.mark.django_db
URL = reverse("contact:form")


@pytest.fixture
def stamp(monkeypatch):
    """A stamp made a minute ago."""
    import time

    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now - 60)
    value = make_stamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now)
    return value


@pytest.fixture
def filled(stamp):
    return {
        "name": "Anne Martin",
        "company": "Exemple SAS",
        "email": "anne@example.org",
        "phone": "06 12 34 56 78",
        "role": "CTO",
        "message": "Bonjour,\r\nje recrute.",
        "page": "/metiers/cto/",
        "stamp": stamp,
        "detail": "",
    }


def test_a_message_becomes_a_lead_and_its_mails_are_queued(client, filled):
    response = client.post(URL, filled)

    assert response.status_code == 302
    assert response.url == reverse("contact:thanks")
    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.email) == ("Anne Martin", "Exemple SAS", "anne@example.org")
    assert lead.phone.as_e164 == "+33612345678"
    assert lead.message == "Bonjour,\nje recrute."
    assert (lead.role, lead.page, lead.status) == ("CTO", "/metiers/cto/", "new")
    assert OutboxMessage.objects.due().about("contact", lead=lead.pk).count() == 2
    assert mail.outbox == [], "no page waits for a mail server"
    for row in OrmQ.objects.all():
        assert (row.task["func"], row.task["args"]) == ("jobboard.mail.tasks.send_outbox", ())
        assert "anne" not in str({**row.task}).lower()
    assert "anne" not in str(list(OutboxMessage.objects.values())).lower()


def test_thanks_page(client):
    assert "merci" in client.get(reverse("contact:thanks")).content.decode()


def test_nothing_stored_is_queued_when_the_transaction_fails(client, filled, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("jobboard.mail.outbox.async_task", broken)
    with pytest.raises(RuntimeError):
        client.post(URL, filled)
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
def test_telephone_numbers(client, filled, typed, stored):
    client.post(URL, {**filled, "phone": typed})
    assert str(Lead.objects.values_list("phone", flat=True).get()) == stored or (
        Lead.objects.get().phone.as_e164 == stored
    )


@pytest.mark.parametrize("typed", ["12", "06 12 34", "+33 6 12", "téléphone", "0" * 40, "+999 1234567"])
def test_a_wrong_telephone_number_is_explained_and_nothing_typed_is_lost(client, filled, typed):
    response = client.post(URL, {**filled, "phone": typed})

    html = response.content.decode()
    assert "Ce numéro n’est pas valable" in html or "au plus 40" in html
    assert 'role="alert"' in html
    for kept in ("Anne Martin", "Exemple SAS", "anne@example.org", "je recrute.", typed):
        assert kept in html
    assert not Lead.objects.exists()


@pytest.mark.parametrize("field", ["name", "company", "email", "role"])
@pytest.mark.parametrize("end", ["\r\nBcc: x@example.org", "\nx", "\u2028x", "\x1bx"])
def test_one_line_fields_refuse_line_breaks(client, filled, field, end):
    response = client.post(URL, {**filled, field: filled[field] + end})
    assert response.status_code == 200
    assert not Lead.objects.exists()


@pytest.mark.parametrize("field", ["name", "company", "email", "message"])
def test_required_fields(client, filled, field):
    response = client.post(URL, {**filled, field: "  "})
    assert f'href="#contact-{field}"' in response.content.decode()
    assert not Lead.objects.exists()


def test_the_announced_length_of_a_message_counts_a_line_break_once(client, filled):
    client.post(URL, {**filled, "message": "\r\n".join("a" * 2_500)})
    assert len(Lead.objects.get().message) == 4_999


@pytest.mark.parametrize(
    ("sent", "stored"),
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
def test_the_page_of_origin_is_a_local_path_or_nothing(client, filled, sent, stored):
    client.post(URL, {**filled, "page": sent})
    assert Lead.objects.get().page == stored


def test_a_filled_trap_gets_the_thanks_and_stores_nothing(client, filled):
    response = client.post(URL, {**filled, "detail": "http://spam.example"})
    assert response.url == reverse("contact:thanks")
    assert not Lead.objects.exists()
    assert not OrmQ.objects.exists()


def test_the_trap_is_out_of_reach_for_people(client):
    html = client.get(URL).content.decode()
    trap = re.search(r'<div class="trap" aria-hidden="true">.*?</div>', html, re.DOTALL)[0]
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap


def test_too_fast_keeps_what_was_typed_and_can_be_sent_again(client, filled, monkeypatch):
    import time

    filled["stamp"] = make_stamp()
    html = client.post(URL, filled).content.decode()
    assert "robot" in html
    assert "je recrute." in html
    assert not Lead.objects.exists()

    again = re.search(r'name="stamp" value="([^"]+)"', html)[1]
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 10)
    assert client.post(URL, {**filled, "stamp": again}).status_code == 302
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("bad", ["", "x", "a:b:c", "é:é:é", None])
def test_a_missing_or_forged_stamp_is_replaced(client, filled, bad):
    filled.pop("stamp")
    html = client.post(URL, filled if bad is None else {**filled, "stamp": bad}).content.decode()
    assert "resté ouvert trop longtemps" in html
    assert "je recrute." in html
    assert re.search(r'name="stamp" value="[^"]{30,}"', html)


def test_an_expired_stamp_is_replaced(client, filled, monkeypatch):
    import time

    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 25 * 3600)
    assert "resté ouvert trop longtemps" in client.post(URL, filled).content.decode()


def test_the_same_form_sent_twice_is_one_lead(client, filled):
    assert client.post(URL, filled).status_code == client.post(URL, filled).status_code == 302
    assert Lead.objects.count() == OrmQ.objects.count() == 1
    assert Sender.objects.get().count == 1


def test_another_text_from_the_same_page_is_another_lead(client, filled):
    client.post(URL, filled)
    client.post(URL, {**filled, "name": "Quelqu’un d’autre"})
    assert Lead.objects.count() == 2


def test_the_limit_gives_429_and_keeps_what_was_typed(client, filled, settings):
    settings.CONTACT_LIMIT_PER_HOUR = 2
    for number in range(2):
        assert client.post(URL, {**filled, "name": f"N{number}"}).status_code == 302
    response = client.post(URL, {**filled, "name": "La troisième"})

    assert response.status_code == 429
    assert 3_500 < int(response["Retry-After"]) <= 3_600
    html = response.content.decode()
    assert "La troisième" in html
    assert "60\u00a0minutes" in html
    assert Lead.objects.count() == 2
    assert OrmQ.objects.count() == 2

    Sender.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(URL, {**filled, "name": "La troisième"}).status_code == 302


def test_prefilled_from_the_address_and_the_referring_page(client):
    html = client.get(URL + "?metier=developpeur-full-stack", HTTP_REFERER="http://testserver/metiers/x/?a=b").content
    assert 'value="developpeur full stack"' in html.decode()
    assert 'name="page" value="/metiers/x/"' in html.decode()
    other = client.get(URL + "?metier=" + "a" * 500, HTTP_REFERER="http://evil.example/metiers/x/").content.decode()
    assert 'value="' + "a" * 120 + '"' in other
    assert "evil" not in other


def test_the_tag_for_role_pages(rf):
    template = Template('{% load contact %}{% contact_form role="CTO" page=request.path %}')
    html = template.render(Context({"request": rf.get("/metiers/cto/"), "csrf_token": "jeton"}))
    assert f'action="{URL}"' in html
    assert 'name="csrfmiddlewaretoken" value="jeton"' in html
    assert 'value="CTO"' in html
    assert 'name="page" value="/metiers/cto/"' in html


def test_for_the_keyboard_and_for_password_managers(client):
    html = client.get(URL).content.decode()
    for hint in ("name", "organization", "email", "tel"):
        assert f'autocomplete="{hint}"' in html
    assert reverse("privacy") in html
    assert "style=" not in html


def test_a_nul_character_is_a_bad_request(client, filled):
    assert client.post(URL, {**filled, "name": "a\0b"}).status_code == 400


def test_few_queries(client, filled, django_assert_max_num_queries):
    with django_assert_max_num_queries(0):
        client.get(URL)
    with django_assert_max_num_queries(11):
        client.post(URL, filled)


@pytest.mark.parametrize(
    ("days", "words"), [(365, "1\u00a0an"), (3 * 365, "3\u00a0ans"), (90, "90\u00a0jours"), (400, "400\u00a0jours")]
)
def test_form_and_privacy_page_say_the_retention_that_is_set(client, settings, days, words):
    settings.LEAD_RETENTION_DAYS = days
    assert f"gardées {words} après le dernier contact" in client.get("/contact/").content.decode()
    assert f"{words} après le dernier contact, puis effacement" in client.get("/confidentialite/").content.decode()
