"""Contact requests in the admin: list, actions, change form, CSV export and permissions."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from jobboard.contact.models import Lead
from jobboard.mail.outbox import queue_mail
from tests.factories import make_lead, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:contact_lead_changelist")


@pytest.fixture
def seller(client):
    user = make_user(is_staff=True, first_name="Sam", last_name="Vente")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_lead", "change_lead"]))
    client.force_login(user)
    return user


def run_action(client, action, leads, **fields):
    data = {"action": action, "_selected_action": [lead.pk for lead in leads], **fields}
    return client.post(LIST, data, follow=action != "export_selected")


def csv_rows(response):
    """Return the rows of a CSV response, after the byte order mark that spreadsheet programs need."""
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))


def test_list_needs_no_query_per_row(client, seller, django_assert_max_num_queries):
    for i in range(3):
        make_lead(owner=make_user(is_staff=True), role=f"R{i}")
    with django_assert_max_num_queries(13):
        client.get(LIST)
    for i in range(20):
        make_lead(owner=make_user(is_staff=True), role=f"R{i}")
    with django_assert_max_num_queries(13):
        assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("q=recruteuse", True),
        ("q=inconnue", False),
        ("status=new", True),
        ("status=won", False),
        ("created_at__year={year}", True),
        ("created_at__year=2001", False),
        ("owner__id__exact={owner}", True),
        ("owner__isnull=True", False),
    ],
)
def test_list_can_be_filtered_and_searched(client, seller, query, matches):
    lead = make_lead(owner=seller)
    query = query.format(year=lead.created_at.year, owner=seller.pk)
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200, query
    assert list(response.context["cl"].queryset) == ([lead] if matches else [])


def test_actions_assign_and_change_the_status(client, seller):
    leads = [make_lead(), make_lead()]
    run_action(client, "assign_to_me", leads)
    assert set(Lead.objects.values_list("owner", flat=True)) == {seller.pk}
    html = run_action(client, "mark_contacted", leads).content.decode()
    assert "2\u00a0demandes mises à jour" in html
    for lead in Lead.objects.all():
        assert lead.status == "contacted"
        assert (timezone.now() - lead.last_contact_at).total_seconds() < 60
    run_action(client, "mark_won", leads[:1])
    assert sorted(Lead.objects.values_list("status", flat=True)) == ["contacted", "won"]


def test_change_form_shows_the_mails_and_saves_the_lead(client, seller):
    lead = make_lead()
    queue_mail("contact.notification", lead.pk, lead=lead.pk)
    url = reverse("admin:contact_lead_change", args=[lead.pk])
    html = client.get(url).content.decode()
    assert "demande de contact, à l’équipe\u00a0: en attente, 0\u00a0essai" in html
    assert 'name="created_at' not in html
    assert str(lead.retention_date.year) in html
    data = {
        **{name: getattr(lead, name) for name in ("subject", "name", "company", "email", "message", "role", "page")},
        "phone": "",
        "status": "qualified",
        "owner": seller.pk,
        "notes": "Rappeler mardi.",
        "last_contact_at_0": "01/11/2026",
        "last_contact_at_1": "10:00:00",
    }
    assert client.post(url, data).status_code == 302
    lead.refresh_from_db()
    assert (lead.status, lead.owner, lead.notes) == ("qualified", seller, "Rappeler mardi.")


def test_export_of_the_selection_escapes_formulas(client, seller):
    lead = make_lead(
        name='=HYPERLINK("http://evil")', company="+33", role="@x", message="-1\nd;e", notes="\tx", phone="+32470123456"
    )
    make_lead()
    response = run_action(client, "export_selected", [lead])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    (row,) = csv_rows(response)
    assert row["Sujet"] == "je recrute"
    assert row["Nom"] == '\'=HYPERLINK("http://evil")'
    assert row["Entreprise"] == "'+33"
    assert row["Poste"] == "'@x"
    assert row["Message"] == "'-1\nd;e"
    assert row["Notes"] == "'\tx"
    assert row["Téléphone"] == "+32 470 12 34 56"
    assert row["État"] == "nouvelle"


def test_export_of_all_pages_contains_the_filtered_rows(client, seller, django_assert_max_num_queries):
    leads = [make_lead(status="won", owner=seller) for _ in range(60)] + [make_lead()]
    data = {"action": "export_selected", "_selected_action": [leads[0].pk], "select_across": "1"}
    with django_assert_max_num_queries(14):
        rows = csv_rows(client.post(LIST + "?status__exact=won", data))
    assert len(rows) == 60
    assert rows[0]["Suivi par"] == "Sam Vente"


def test_view_permission_allows_export_but_no_change(client, seller):
    seller.user_permissions.set(Permission.objects.filter(codename="view_lead"))
    lead = make_lead()
    assert len(csv_rows(run_action(client, "export_selected", [lead]))) == 1
    run_action(client, "mark_won", [lead])
    lead.refresh_from_db()
    assert lead.status == "new"


def test_list_and_export_need_a_permission(client, seller):
    seller.user_permissions.clear()
    assert client.get(LIST).status_code == 403
    assert client.post(LIST, {"action": "export_selected", "_selected_action": [make_lead().pk]}).status_code == 403
