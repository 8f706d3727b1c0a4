"""The admin of role profiles."""

import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from careers import models
from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from tests.factories import make_offer, make_role, make_user

PREFIXES = {"titles": RoleTitle, "bands": SalaryBand, "faq": FaqEntry} | {
    section.value: RoleEntry for section in RoleEntry.Section
}
FIELDS = {
    RoleTitle: ["position", "title"],
    SalaryBand: ["level", "zone", "minimum", "maximum", "source", "year"],
    FaqEntry: ["position", "question", "answer", "illustration"],
    RoleEntry: ["position", "label", "text"],
}


@pytest.fixture
def curator(client, db):
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="careers", codename__endswith="_role"))
    client.force_login(user)
    return user


def rows_with_prefix(role, prefix):
    if role is None:
        return []
    if PREFIXES[prefix] is RoleEntry:
        return list(role.entries.filter(section=prefix))
    return list(getattr(role, prefix).all())


def form_data(role=None, add=None, **changes) -> dict:
    """Return the data that a browser submits; `add` maps a prefix to new rows, `changes` are values by input name."""
    data = {
        "name": "Nouveau métier", "slug": "nouveau", "full_name": "", "french_name": "", "summary": "Une phrase.",
        "status": "draft", "updated_on": "01/01/2020", "median_salary": "", "salary_source": "", "salary_year": "",
        "study_level": "", "experience_from": "", "experience_to": "", "definition": "", "missions": "", "skills": "",
        "soft_skills": "", "training": "", "evolution": "", "salary": "", "sectors": "",
    }  # fmt: skip
    if role:
        data |= {name: getattr(role, name) for name in data if getattr(role, name) is not None}
        data["updated_on"] = data["initial-updated_on"] = role.updated_on.strftime("%d/%m/%Y")
    for prefix, model in PREFIXES.items():
        rows = rows_with_prefix(role, prefix)
        for index, row in enumerate(rows):
            data |= {f"{prefix}-{index}-id": row.pk, f"{prefix}-{index}-role": role.pk}
            data |= {f"{prefix}-{index}-{name}": getattr(row, name) for name in FIELDS[model]}
        new = (add or {}).get(prefix, [])
        for index, row in enumerate(new, len(rows)):
            data |= {f"{prefix}-{index}-{name}": row.get(name, "") for name in FIELDS[model]}
        data |= {f"{prefix}-TOTAL_FORMS": len(rows) + len(new), f"{prefix}-INITIAL_FORMS": len(rows)}
    return data | changes


def change_url(role):
    return reverse("admin:careers_role_change", args=[role.pk])


def make_full_role(**fields):
    role = make_role(updated_on=date(2020, 1, 1), missions="Ancien texte.", **fields)
    models.Mission.objects.create(role=role, position=1, text="Ancienne mission")
    models.Mission.objects.create(role=role, position=2, text="Autre mission")
    models.SkillEntry.objects.create(role=role, position=1, text="Ancienne compétence")
    RoleTitle.objects.create(role=role, position=1, title="Premier titre")
    RoleTitle.objects.create(role=role, position=2, title="Second titre")
    for zone, minimum in (("paris", 75), ("regions", 60)):
        SalaryBand.objects.create(
            role=role, level="confirme", zone=zone, minimum=minimum, maximum=95, source="Enquête", year=2025
        )
    FaqEntry.objects.create(role=role, position=1, question="Pourquoi ?", answer="Parce que.")
    return role


def test_edited_mission_is_shown_on_the_page(client, curator):
    role = make_full_role()
    response = client.post(change_url(role), form_data(role, **{"mission-0-text": "Nouvelle mission"}))
    assert response.status_code == 302
    page = client.get(role.get_absolute_url()).content.decode()
    assert "Nouvelle mission" in page
    assert "Ancienne mission" not in page
    assert "Ancienne compétence" in page


def test_change_of_content_updates_the_date(client, curator):
    role = make_full_role()
    client.post(change_url(role), form_data(role, **{"mission-0-text": "Nouvelle mission"}))
    role.refresh_from_db()
    assert role.updated_on == timezone.localdate()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, date(2020, 1, 1)),
        ({"status": "draft"}, date(2020, 1, 1)),
        ({"summary": "Autre.", "updated_on": "05/02/2021"}, date(2021, 2, 5)),
    ],
)
def test_date_is_unchanged_without_a_change_of_content_or_as_entered(client, curator, changes, expected):
    role = make_full_role()
    client.post(change_url(role), form_data(role, **changes))
    role.refresh_from_db()
    assert role.updated_on == expected


def test_new_profile_is_created_with_its_rows_in_order(client, curator):
    data = form_data(
        add={
            "mission": [{"position": "2", "text": "Deux"}, {"text": "Trois"}, {"position": "1", "text": "Un"}],
            "day": [{"label": "8 h", "text": "Café"}],
            "titles": [{"title": "Autre nom"}],
            "bands": [{"level": "expert", "zone": "paris", "minimum": 70, "maximum": 80, "source": "X", "year": 2025}],
            "faq": [{"question": "Quoi ?", "answer": "Ça.", "illustration": "day"}],
        },
        missions="Une ligne\r\nune autre",
    )
    response = client.post(reverse("admin:careers_role_add"), data)
    assert response.status_code == 302, response.context["errors"]
    role = Role.objects.get(slug="nouveau")
    assert [entry.text for entry in role.entries.filter(section="mission")] == ["Un", "Deux", "Trois"]
    assert role.entries.get(section="day").label == "8 h"
    assert role.titles.get().key == "autre nom"
    assert role.bands.get().maximum == 80
    assert role.faq.get().illustration == "day"
    assert role.missions == "Une ligne\nune autre", "line ends are normalized"


def test_preview_shows_unsaved_edits_and_saves_nothing(client, curator):
    role = make_full_role()
    before = (Role.objects.filter(pk=role.pk).values().get(), list(RoleEntry.objects.values()))
    data = form_data(
        role,
        add={"mission": [{"text": "Mission en plus"}]},
        **{"mission-0-text": "Mission à l’essai", "mission-1-DELETE": "on", "name": "Nom à l’essai", "_preview": "1"},
    )
    response = client.post(change_url(role), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<b>Aperçu</b>" in page
    for expected in ("Mission à l’essai", "Mission en plus", "Nom à l’essai", "Ancienne compétence"):
        assert expected in page
    assert "Autre mission" not in page
    assert before == (Role.objects.filter(pk=role.pk).values().get(), list(RoleEntry.objects.values()))
    assert not LogEntry.objects.exists()
    assert "Ancienne mission" in client.get(role.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_preview_rolls_back_a_real_transaction(client):
    """The other tests run within a transaction themselves."""
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    role = make_full_role()
    page = client.post(change_url(role), form_data(role, name="À l’essai", _preview="1")).content.decode()
    assert "À l’essai" in page
    role.refresh_from_db()
    assert role.name != "À l’essai"
    assert not LogEntry.objects.exists()


def test_preview_of_a_new_profile(client, curator):
    data = form_data(add={"mission": [{"text": "Première mission"}]}, _preview="1")
    page = client.post(reverse("admin:careers_role_add"), data).content.decode()
    assert "<b>Aperçu</b>" in page
    assert "Première mission" in page
    assert not Role.objects.exists()
    assert not LogEntry.objects.exists()


def test_preview_with_errors_shows_them(client, curator):
    role = make_full_role()
    response = client.post(change_url(role), form_data(role, name="", _preview="1"))
    assert response.status_code == 200
    assert response.context["errors"]


def test_form_links_to_the_preview_and_to_the_public_page(client, curator):
    role = make_full_role()
    page = client.get(change_url(role)).content.decode()
    assert '<input type="submit" value="Prévisualiser" name="_preview" formtarget="_blank">' in page
    assert f'href="{role.get_absolute_url()}"' in page
    for heading in ("Missions", "Qualités", "Organisations du télétravail", "Journée type", "Grille des salaires"):
        assert heading.lower() in page.lower()
    for forbidden in (" style=", "<style", " onclick="):
        assert forbidden not in page


def test_unique_values_may_be_swapped_or_taken_from_deleted_rows(client, curator):
    role = make_full_role()
    swap = {"bands-0-zone": "regions", "bands-1-zone": "paris"}
    swap |= {"titles-0-title": "Second titre", "titles-1-DELETE": "on"}
    response = client.post(change_url(role), form_data(role, **swap))
    assert response.status_code == 302
    assert {band.zone: band.minimum for band in role.bands.all()} == {"regions": 75, "paris": 60}
    assert [title.title for title in role.titles.all()] == ["Second titre"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"titles-1-title": "PREMIER TITRE"}, "figure deux fois"),
        ({"bands-1-zone": "paris"}, "Deux lignes remplissent la même case"),
        ({"bands-0-minimum": "96"}, "du plus petit au plus grand salaire"),
        ({"median_salary": "93"}, "avec sa source et son année"),
        ({"median_salary": "9000", "salary_source": "X", "salary_year": "2025"}, "999"),
        ({"experience_from": "10", "experience_to": "6"}, "du plus petit au plus grand nombre"),
        ({"slug": "deja-pris"}, "existe déjà"),
    ],
)
def test_contradictory_values_are_refused_with_a_message(client, curator, changes, message):
    make_role(slug="deja-pris")
    role = make_full_role()
    response = client.post(change_url(role), form_data(role, **changes))
    assert response.status_code == 200
    assert message in response.content.decode()


def test_changelist_counts_offers_without_a_query_per_row(client, curator, django_assert_max_num_queries):
    for index in range(3):
        role = make_role(name=f"Rôle {index}", median_salary=80, salary_source="X", salary_year=2025)
        make_offer(role=role)
    url = reverse("admin:careers_role_changelist")
    client.get(url)
    with django_assert_max_num_queries(8):
        page = client.get(url).content.decode()
    assert "80\u00a0K€" in page
    for _ in range(12):
        make_offer(role=make_role())
    with django_assert_max_num_queries(8):
        client.get(url)


def test_changelist_is_searched_and_filtered(client, curator):
    role = make_full_role(name="Architecte")
    make_role(name="Testeur")
    url = reverse("admin:careers_role_changelist")
    page = client.get(url, {"q": "second titre"}).content.decode()
    assert role.name in page
    assert "Testeur" not in page
    assert "Testeur" not in client.get(url, {"status__exact": "draft"}).content.decode()


def test_actions_publish_and_unpublish(client, curator):
    one, two = make_role(status="draft"), make_role(status="draft")
    url = reverse("admin:careers_role_changelist")
    selection = {"_selected_action": [one.pk, two.pk]}
    response = client.post(url, {"action": "publish", **selection}, follow=True)
    assert "2 fiches publiées." in response.content.decode()
    assert Role.objects.published().count() == 2
    assert LogEntry.objects.count() == 2
    response = client.post(url, {"action": "unpublish", "_selected_action": [one.pk]}, follow=True)
    assert "1 fiche repassée en brouillon." in response.content.decode()
    assert list(Role.objects.published()) == [two]
    assert (
        "déjà dans cet état"
        in client.post(url, {"action": "publish", "_selected_action": [two.pk]}, follow=True).content.decode()
    )


def test_user_without_permission_cannot_change_a_profile(client, db):
    role = make_full_role()
    user = make_user(is_staff=True)
    client.force_login(user)
    assert client.get(change_url(role)).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_role", content_type__app_label="careers"))
    page = client.get(change_url(role)).content.decode()
    assert "Ancienne mission" in page
    assert "_preview" not in page
    assert client.post(change_url(role), form_data(role, _preview="1")).status_code == 403


def test_profile_with_more_than_a_thousand_fields_is_saved(client, curator):
    role = make_full_role()
    for section in RoleEntry.Section:
        RoleEntry.objects.bulk_create(
            RoleEntry(role=role, section=section, position=position, text=f"Ligne {position}")
            for position in range(10, 35)
        )
    data = form_data(role, name="Renommé")
    assert len(data) > 1_000, "more than Django's default of DATA_UPLOAD_MAX_NUMBER_FIELDS"
    assert client.post(change_url(role), data).status_code == 302
    role.refresh_from_db()
    assert role.name == "Renommé"


def test_every_inline_field_has_an_accessible_name(client, curator):
    html = client.get(change_url(make_full_role())).content.decode()
    rows = re.findall(r'<(?:input|select|textarea)[^>]* name="[a-z_]+-(?:\d+|__prefix__)-[^>]*>', html)
    visible_fields = [field for field in rows if 'type="hidden"' not in field]
    assert len(visible_fields) > 20
    assert not [field for field in visible_fields if "aria-label=" not in field]
    assert 'aria-label="Texte, mission 2"' in html
