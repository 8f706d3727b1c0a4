import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Task

from careers.models import Role
from offers.enums import OfferStatus
from tests.factories import (
    make_company,
    make_lead,
    make_offer,
    make_outbox_message,
    make_place,
    make_role,
    make_skill,
    make_user,
)

INDEX = reverse("admin:index")


@pytest.fixture
def superuser(client, db):
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def make_failure(**fields):
    now = timezone.now()
    values = {"id": "0" * 32, "name": "mails", "func": "jobboard.contact.tasks.delete_expired_senders", "args": (12,)}
    return Task.objects.create(
        **{**values, "result": "SMTPServerDisconnected\nTraceback", "started": now, "stopped": now, "success": False}
        | fields
    )


def everything_waits():
    now = timezone.now()
    make_lead()
    make_lead()
    make_lead(status="lost", created_at=now - timedelta(days=4 * 365))
    make_lead(status="won")
    make_outbox_message(due_at=None, attempts=18, error="SMTPRecipientsRefused 550")
    make_offer(status=OfferStatus.DRAFT)
    make_role(status=Role.Status.DRAFT)
    make_offer(expires_at=now + timedelta(days=2))
    make_offer(confidential=True)
    make_failure()


def lines(response):
    return [(line.count, line.label) for line in response.context["todo"]]


def test_front_page_shows_what_waits(client, superuser):
    everything_waits()
    assert lines(client.get(INDEX)) == [
        (2, "nouvelles demandes de recruteurs"),
        (1, "offre en brouillon"),
        (1, "fiche métier en brouillon"),
        (1, "offre expire sous 7\u00a0jours"),
        (1, "offre sans entreprise enregistrée"),
        (1, "e-mail n’est jamais parti"),
        (1, "demande à effacer, dossier trop ancien"),
        (1, "tâche échouée"),
    ]


def test_each_line_leads_to_the_list_it_counts(client, superuser):
    everything_waits()
    for line in client.get(INDEX).context["todo"]:
        response = client.get(line.url)
        assert response.status_code == 200, line.url
        assert response.context["cl"].result_count == line.count, line.url


def test_nothing_waits(client, superuser):
    make_offer()
    assert "Rien n’attend." in client.get(INDEX).content.decode()


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("Curation", {"offre en brouillon", "fiche métier en brouillon", "offre expire sous 7\u00a0jours",
                      "offre sans entreprise enregistrée", "e-mail n’est jamais parti"}),
        ("Commercial", {"nouvelles demandes de recruteurs", "e-mail n’est jamais parti",
                        "demande à effacer, dossier trop ancien"}),
        (None, set()),
    ],
)  # fmt: skip
def test_each_sees_what_waits_for_them(client, db, group, expected):
    user = make_user(is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    everything_waits()
    assert {label for _, label in lines(client.get(INDEX))} == expected


@pytest.mark.parametrize("number", [1, 20])
def test_front_page_costs_the_same_whatever_waits(client, superuser, number, django_assert_num_queries):
    for _ in range(number):
        make_lead()
        make_offer(status=OfferStatus.DRAFT)
        make_offer(confidential=True)
    # Session, person, ten counts, last actions.
    with django_assert_num_queries(13):
        client.get(INDEX)


def test_rooms_stand_in_the_order_of_use(client, superuser):
    rooms = client.get(INDEX).context["app_list"]
    assert [(room["name"], [model["name"] for model in room["models"]]) for room in rooms] == [
        (
            "Offres d’emploi",
            [
                *("Offres", "Candidatures", "Signalements", "Entreprises", "Demandes d’accès", "Compétences"),
                *("Synonymes", "Tournures à relire", "Communes", "Motifs de renvoi"),
            ],
        ),
        ("Fiches métiers", ["Fiches métiers"]),
        ("Contacts de recruteurs", ["Demandes de recruteurs"]),
        ("Comptes", ["Personnes", "Groupes"]),
        ("E-mails", ["E-mails"]),
        ("Données personnelles", ["Demandes de personnes", "Purges"]),
        ("File de tâches", ["Tâches échouées", "Tâches en attente", "Tâches planifiées", "Tâches réussies"]),
    ]


def test_one_door_for_everybody(client, db):
    response = client.get(reverse("admin:offers_offer_changelist"), follow=False)
    assert response.headers["Location"].startswith("/admin/login/")
    response = client.get(response.headers["Location"])
    assert response.headers["Location"].startswith(reverse("account_login"))
    assert "admin" in response.headers["Location"]


def test_page_of_a_room_is_its_list_alone(client, superuser):
    page = client.get(reverse("admin:app_list", args=["offers"])).content.decode()
    assert "<h1>Offres d’emploi</h1>" in page
    assert "Rien n’attend." not in page


# The task queue


def test_superusers_read_the_queue_in_french(client, superuser):
    failure = make_failure()
    make_failure(id="1" * 32, success=True, result=None)
    Schedule.objects.create(name="Ménage", func="jobboard.tasks.clean", schedule_type=Schedule.MINUTES, minutes=10)
    OrmQ.objects.create(key="jobboard", payload="illisible")
    pages = {
        name: client.get(reverse(f"admin:django_q_{name}_changelist")).content.decode()
        for name in ("failure", "success", "schedule", "ormq")
    }
    assert "SMTPServerDisconnected" in pages["failure"]
    assert "Remettre dans la file" in pages["failure"]
    assert "toutes les 10\u00a0minutes" in pages["schedule"]
    for page in pages.values():
        assert not re.search(r"\b(Name|Function|Cluster|Started|Resubmit)\b", page)
    detail = client.get(reverse("admin:django_q_failure_change", args=[failure.pk]))
    assert detail.status_code == 200
    assert "Traceback" in detail.content.decode()


def test_failed_task_goes_back_to_the_queue(client, superuser):
    failure = make_failure()
    client.post(reverse("admin:django_q_failure_changelist"), {"action": "resubmit", "_selected_action": [failure.pk]})
    assert not Failure.objects.exists()
    [queued] = OrmQ.objects.all()
    assert (queued.func(), queued.args()) == ("jobboard.contact.tasks.delete_expired_senders", (12,))


def test_nobody_else_reads_the_queue_even_with_the_permission(client, db):
    from django.contrib.auth.models import Permission

    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="django_q"))
    client.force_login(user)
    for name in ("failure", "success", "schedule", "ormq"):
        assert client.get(reverse(f"admin:django_q_{name}_changelist")).status_code == 403


# The look


def test_no_page_has_anything_inline(client, superuser):
    offer = make_offer(company=make_company(), skills=[make_skill()])
    make_place()
    name = "offers_offer"
    for url in [
        INDEX,
        reverse(f"admin:{name}_changelist"),
        reverse(f"admin:{name}_add"),
        reverse(f"admin:{name}_change", args=[offer.pk]),
        reverse(f"admin:{name}_delete", args=[offer.pk]),
        reverse(f"admin:{name}_history", args=[offer.pk]),
        reverse("admin:companies_company_change", args=[offer.company_id]),
        reverse("admin:places_place_changelist"),
        reverse("admin:auth_group_add"),
        reverse("admin:app_list", args=["offers"]),
        reverse("admin:password_change"),
    ]:
        page = client.get(url).content.decode()
        assert "css/admin.css" in page, url
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:|<script(?![^>]*\ssrc=)", page), url


def test_titles_are_french(client, superuser):
    offer = make_offer(title="Développeuse Python")
    for url, title in [
        (reverse("admin:offers_offer_changelist"), "Offres"),
        (reverse("admin:offers_offer_add"), "Ajout : offre"),
        (reverse("admin:offers_offer_change", args=[offer.pk]), "Développeuse Python"),
    ]:
        page = client.get(url).content.decode().replace("\u00a0", " ")
        assert f"<h1>{title}</h1>" in page
        assert f"<title>{title} | Jobboard</title>" in page
