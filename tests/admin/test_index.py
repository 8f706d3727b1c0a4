"""The index page of the admin, the pages of the task queue, and rules for all pages."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Task

from careers.models import Role
from jobboard.privacy.models import FileDeletion
from offers.applications.enums import CvState
from offers.enums import OfferStatus
from tests.admin.pages import change_url
from tests.admin.staff import make_group_member
from tests.factories import (
    make_application,
    make_company,
    make_lead,
    make_member,
    make_offer,
    make_outbox_message,
    make_place,
    make_role,
    make_skill,
    make_user,
)

INDEX = reverse("admin:index")


def make_failure(**fields):
    now = timezone.now()
    values = {"id": "0" * 32, "name": "mails", "func": "jobboard.contact.tasks.delete_expired_senders", "args": (12,)}
    return Task.objects.create(
        **{**values, "result": "SMTPServerDisconnected\nTraceback", "started": now, "stopped": now, "success": False}
        | fields
    )


def create_pending_items():
    now = timezone.now()
    make_lead()
    make_lead()
    make_lead(status="lost", created_at=now - timedelta(days=4 * 365))
    make_lead(status="won")
    make_lead(subject="candidature", company="")
    make_lead(subject="presse", status="handled", created_at=now - timedelta(days=400))
    make_outbox_message(due_at=None, attempts=18, error="SMTPRecipientsRefused 550")
    make_offer(status=OfferStatus.DRAFT)
    make_role(status=Role.Status.DRAFT)
    make_offer(expires_at=now + timedelta(days=2))
    make_offer(confidential=True)
    make_failure()
    make_application(cv_state=CvState.WAITING, cv="cv/aa/a.pdf", cv_error="OSError", cv_due_at=now)
    make_application(cv_state=CvState.WAITING, cv="cv/aa/b.pdf", cv_due_at=now)
    FileDeletion.objects.create(storage="private", name="cv/aa/c.pdf", due_at=now)
    FileDeletion.objects.create(storage="private", name="cv/aa/d.pdf", due_at=now, attempts=3)


def todo_lines(response) -> list[tuple[int, str]]:
    return [(line.count, line.label) for line in response.context["todo"]]


def test_index_lists_pending_items_with_counts(client, superuser):
    create_pending_items()
    assert todo_lines(client.get(INDEX)) == [
        (2, "nouvelles demandes de recruteurs"),
        (1, "nouveau message sur un autre sujet"),
        (1, "offre en brouillon"),
        (1, "fiche métier en brouillon"),
        (1, "offre expire sous 7\u00a0jours"),
        (1, "offre sans entreprise enregistrée"),
        (1, "e-mail n’est jamais parti"),
        (1, "CV n’a pas pu être vérifié"),
        (1, "fichier reste à effacer"),
        (2, "demandes à effacer, dossiers trop anciens"),
        (1, "tâche échouée"),
    ]


def test_each_line_links_to_a_list_with_the_same_count(client, superuser):
    create_pending_items()
    for line in client.get(INDEX).context["todo"]:
        response = client.get(line.url)
        assert response.status_code == 200, line.url
        assert response.context["cl"].result_count == line.count, line.url


def test_index_without_pending_items_says_so(client, superuser):
    make_offer()
    assert "Rien n’attend." in client.get(INDEX).content.decode()


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("Curation", {"offre en brouillon", "fiche métier en brouillon", "offre expire sous 7\u00a0jours",
                      "offre sans entreprise enregistrée", "e-mail n’est jamais parti", "fichier reste à effacer"}),
        ("Commercial", {"nouvelles demandes de recruteurs", "nouveau message sur un autre sujet",
                        "e-mail n’est jamais parti", "demandes à effacer, dossiers trop anciens"}),
        (None, set()),
    ],
)  # fmt: skip
def test_index_shows_only_the_lines_that_the_group_may_view(client, db, group, expected):
    client.force_login(make_group_member(group))
    create_pending_items()
    assert {label for _, label in todo_lines(client.get(INDEX))} == expected


@pytest.mark.parametrize("count", [1, 20])
def test_index_takes_a_constant_number_of_queries(client, superuser, count, django_assert_num_queries):
    for _ in range(count):
        make_lead()
        make_offer(status=OfferStatus.DRAFT)
        make_offer(confidential=True)
    # Session, user, twelve counts (those of contact requests in one query), last actions.
    with django_assert_num_queries(15):
        client.get(INDEX)


def test_apps_and_models_are_listed_in_the_configured_order(client, superuser):
    app_list = client.get(INDEX).context["app_list"]
    assert [(app["name"], [model["name"] for model in app["models"]]) for app in app_list] == [
        (
            "Offres d’emploi",
            [
                *("Offres", "Candidatures", "Signalements", "Entreprises", "Demandes d’accès"),
                *(
                    "Changements d’entreprises",
                    "Compétences",
                    "Synonymes",
                    "Tournures à relire",
                    "Communes",
                    "Motifs de renvoi",
                ),
            ],
        ),
        ("Fiches métiers", ["Fiches métiers"]),
        ("Contact", ["Demandes de contact"]),
        ("Comptes", ["Personnes", "Groupes"]),
        ("E-mails", ["E-mails"]),
        ("Données personnelles", ["Demandes de personnes", "Fichiers à effacer", "Purges"]),
        ("File de tâches", ["Tâches échouées", "Tâches en attente", "Tâches planifiées", "Tâches réussies"]),
    ]


def test_admin_login_redirects_to_the_account_login(client, db):
    response = client.get(reverse("admin:offers_offer_changelist"), follow=False)
    assert response.headers["Location"].startswith("/admin/login/")
    response = client.get(response.headers["Location"])
    assert response.headers["Location"].startswith(reverse("account_login"))
    assert "admin" in response.headers["Location"]


def test_app_page_has_no_pending_items(client, superuser):
    page = client.get(reverse("admin:app_list", args=["offers"])).content.decode()
    assert "<h1>Offres d’emploi</h1>" in page
    assert "Rien n’attend." not in page


# The task queue


def test_task_queue_pages_are_in_french(client, superuser):
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


def test_failed_task_is_queued_again(client, superuser):
    failure = make_failure()
    client.post(reverse("admin:django_q_failure_changelist"), {"action": "resubmit", "_selected_action": [failure.pk]})
    assert not Failure.objects.exists()
    [queued] = OrmQ.objects.all()
    assert (queued.func(), queued.args()) == ("jobboard.contact.tasks.delete_expired_senders", (12,))


def test_task_queue_is_refused_to_staff_with_its_permissions(client, db):
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="django_q"))
    client.force_login(user)
    for name in ("failure", "success", "schedule", "ormq"):
        assert client.get(reverse(f"admin:django_q_{name}_changelist")).status_code == 403


# All pages


def test_pages_have_no_inline_style_or_script(client, superuser):
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


def test_header_cells_of_inlines_are_not_empty(client, superuser):
    company, skill = make_company(), make_skill(aliases=["Py"])
    make_member(company)
    for url in (change_url(company), change_url(skill), change_url(make_role())):
        page = client.get(url).content.decode()
        cells = re.findall(r"<th\b([^>]*)>(.*?)</th>", page.partition("js-inline-admin-formset")[2], re.DOTALL)
        assert len(cells) >= 3, url
        for attributes, content in cells:
            assert 'scope="col"' in attributes
            assert re.sub(r"<[^>]+>", "", content).strip(), (url, attributes)


def test_page_titles_are_french(client, superuser):
    offer = make_offer(title="Développeuse Python")
    for url, title in [
        (reverse("admin:offers_offer_changelist"), "Offres"),
        (reverse("admin:offers_offer_add"), "Ajout : offre"),
        (reverse("admin:offers_offer_change", args=[offer.pk]), "Développeuse Python"),
    ]:
        page = client.get(url).content.decode().replace("\u00a0", " ")
        assert f"<h1>{title}</h1>" in page
        assert f"<title>{title} | Jobboard</title>" in page
