"""The status code of every page of the admin for every group, and the migration that creates the groups."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from tests.admin.staff import make_group_member
from tests.factories import (
    make_application,
    make_company,
    make_lead,
    make_offer,
    make_outbox_message,
    make_place,
    make_role,
    make_skill,
    make_user,
)

migration = import_module("jobboard.ops.migrations.0001_initial")

# For each model: the groups that may view, add, change, delete.
C, M, S = "Curation", "Modération", "Commercial"
RIGHTS = {
    "careers_role": ([C, M], [C], [C], [C]),
    "contact_lead": ([S], [S], [S], [S]),
    # View messages, and retry the failed ones.
    "mail_outboxmessage": ([C, S], [], [], []),
    "offers_offer": ([C, M], [C], [C, M], [C]),
    "companies_company": ([C, M], [C], [C, M], [C]),
    # Applications are private: their permissions are granted to single users.
    "applications_application": ([], [], [], []),
    # Join requests give access to a company: superusers decide on them.
    "companies_joinrequest": ([], [], [], []),
    # The decision is an action of the list.
    "companies_companyrevision": ([C, M], [], [], []),
    "offers_skill": ([C, M], [C, M], [C, M], [C, M]),
    "moderation_returnreason": ([C, M], [C, M], [C, M], [C, M]),
    "places_place": ([C, M], [], [], []),
    "moderation_report": ([C, M], [], [], []),
    "search_synonymset": ([C], [C], [C], [C]),
    "moderation_wordingterm": ([C, M], [C], [C], [C]),
    "accounts_user": ([], [], [], []),
    "auth_group": ([], [], [], []),
    "privacy_personaldatarequest": ([C], [], [], []),
    "privacy_filedeletion": ([C], [], [C], []),
    "privacy_purge": ([], [], [], []),
    "django_q_failure": ([], [], [], []),
    "django_q_success": ([], [], [], []),
    "django_q_schedule": ([], [], [], []),
    "django_q_ormq": ([], [], [], []),
}
MAKERS = {
    "careers_role": make_role,
    "contact_lead": make_lead,
    "mail_outboxmessage": make_outbox_message,
    "offers_offer": make_offer,
    "companies_company": make_company,
    "applications_application": make_application,
    "offers_skill": make_skill,
    "places_place": make_place,
    "accounts_user": make_user,
    "auth_group": lambda: Group.objects.create(name="Essai"),
}


@pytest.mark.parametrize("group", [C, M, S, None])
@pytest.mark.parametrize("model", RIGHTS)
def test_group_member_opens_exactly_the_pages_of_the_group(client, db, group, model):
    client.force_login(make_group_member(group))
    view, add, change, delete = (group in groups for groups in RIGHTS[model])
    assert client.get(reverse(f"admin:{model}_changelist")).status_code == (200 if view else 403)
    assert client.get(reverse(f"admin:{model}_add")).status_code == (200 if add else 403)
    if model in MAKERS:
        pk = MAKERS[model]().pk
        assert client.get(reverse(f"admin:{model}_change", args=[pk])).status_code == (200 if view else 403)
        assert client.get(reverse(f"admin:{model}_history", args=[pk])).status_code == (200 if view else 403)
        assert client.get(reverse(f"admin:{model}_delete", args=[pk])).status_code == (200 if delete else 403)
        if not change:
            assert client.post(reverse(f"admin:{model}_change", args=[pk]), {}).status_code == 403


@pytest.mark.parametrize("group", [C, M])
@pytest.mark.parametrize("field", ["company", "place", "role", "skills"])
def test_autocomplete_works_for_groups_that_edit_offers(client, db, group, field):
    client.force_login(make_group_member(group))
    query = {"app_label": "offers", "model_name": "offer", "field_name": field}
    assert client.get(reverse("admin:autocomplete"), query).status_code == 200


def test_curators_see_company_members_but_cannot_edit_them(client, db):
    client.force_login(make_group_member(C))
    company = make_company()
    company.memberships.create(user=make_user(email="membre@example.org"))
    page = client.get(reverse("admin:companies_company_change", args=[company.pk]))
    [inline] = page.context["inline_admin_formsets"]
    assert "membre@example.org" in page.content.decode()
    assert (inline.has_add_permission, inline.has_change_permission, inline.has_delete_permission) == (False,) * 3


def test_sales_group_exports_leads_as_csv(client, db):
    client.force_login(make_group_member(S))
    lead = make_lead()
    response = client.post(
        reverse("admin:contact_lead_changelist"), {"action": "export_selected", "_selected_action": [lead.pk]}
    )
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")


def test_admin_redirects_visitors_and_refuses_recruiters(client, db):
    assert client.get(reverse("admin:index")).status_code == 302
    client.force_login(make_user())
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403


# The migration


def test_migration_creates_the_groups_with_their_permissions(db):
    """The migrations created the test database, so the groups are already there."""
    stored = {
        group.name: {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        for group in Group.objects.prefetch_related("permissions__content_type")
    }
    granted = {
        name: {f"{app}.{action}_{model}" for app, model, actions in rows for action in actions}
        for name, rows in migration.PERMISSIONS.items()
    }
    for name, rows in migration.CUSTOM_PERMISSIONS.items():
        granted[name] |= {f"{app}.{codename}" for app, _, codename, _ in rows}
    assert stored == granted


def test_migration_creates_missing_permissions(db):
    migration.delete_groups(apps, None)
    assert not Group.objects.exists()
    Permission.objects.filter(content_type__app_label="offers").delete()
    migration.create_groups(apps, None)
    assert Group.objects.get(name=C).permissions.filter(codename="change_offer").exists()
    # Django's own post_migrate handler runs later and must not create them twice.
    create_permissions(apps.get_app_config("offers"), verbosity=0)
    assert Permission.objects.filter(content_type__app_label="offers", codename="change_offer").count() == 1


def test_migration_is_idempotent(db):
    before = set(Group.permissions.through.objects.values_list("group__name", "permission__codename"))
    migration.create_groups(apps, None)
    assert set(Group.permissions.through.objects.values_list("group__name", "permission__codename")) == before
