"""Every button, action and decision of the admin against every single permission, in tables that repeat the rules.

tests/admin/test_groups.py tests the groups, which combine permissions.
"""

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.companies.models import Company, JoinRequest, Membership
from offers.enums import OfferStatus
from offers.models import Offer
from offers.models.transitions import TRANSITIONS
from offers.moderation.models import Report
from tests.admin.pages import change_url, form_data, run_action
from tests.admin.staff import make_staff
from tests.factories import make_company, make_lead, make_place, make_report, make_user
from tests.offers.lifecycle import make_offer_in

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:offers_offer_moderation")
REPORTS = reverse("admin:moderation_report_changelist")
COMPANIES = reverse("admin:companies_company_changelist")
REQUESTS = reverse("admin:companies_joinrequest_changelist")
# The buttons on the page of an offer by status: with change_offer, and the additional ones with moderate_offer too.
CHANGE = {
    "draft": "submit withdraw",
    "submitted": "withdraw reopen",
    "returned": "submit withdraw",
    "published": "",
    "filled": "reopen",
    "expired": "renew fill withdraw reopen",
    "withdrawn": "reopen",
    "removed": "",
}
MODERATE = {
    "draft": "publish",
    "submitted": "publish return_ remove",
    "returned": "publish remove",
    "published": "renew fill withdraw return_ remove",
    "filled": "publish remove",
    "expired": "publish remove",
    "withdrawn": "publish remove",
    "removed": "restore",
}
TARGETS = {
    "submit": "submitted",
    "publish": "published",
    "renew": "published",
    "fill": "filled",
    "withdraw": "withdrawn",
    "reopen": "draft",
    "return_": "returned",
    "remove": "removed",
    "restore": "draft",
}
PERMISSIONS = {
    "none": [],
    "view": ["view_offer"],
    "add": ["view_offer", "add_offer"],
    "change": ["view_offer", "change_offer"],
    "moderate": ["view_offer", "moderate_offer"],
    "both": ["view_offer", "change_offer", "moderate_offer"],
}


def log_in(client, *codenames):
    user = make_staff(*codenames)
    client.force_login(user)
    return user


def reset(offer, stored):
    """Restore the stored values of the row, and delete its revisions."""
    Offer.objects.filter(pk=offer.pk).update(**{name: stored[name] for name in stored if name != "id"})
    offer.revisions.all().delete()


@pytest.mark.parametrize("status", OfferStatus.values)
@pytest.mark.parametrize("granted", PERMISSIONS)
def test_offer_page_has_exactly_the_permitted_buttons(client, granted, status):
    log_in(client, *PERMISSIONS[granted])
    offer = make_offer_in(status)
    stored = Offer.objects.filter(pk=offer.pk).values().get()
    url = change_url(offer)
    page = client.get(url)
    assert page.status_code == (403 if granted == "none" else 200)
    expected = set()
    if granted in {"change", "both"}:
        expected |= set(CHANGE[status].split())
    if granted == "both":
        expected |= set(MODERATE[status].split())
    may_save = granted == "both" or (granted == "change" and status != "published")
    if page.status_code == 200:
        listed = [*page.context.get("verbs", []), *page.context.get("reasoned_verbs", [])]
        assert {name.removeprefix("_") for name, _ in listed} == expected
    data = form_data(page, title="Autre titre", reason="Motif.") if may_save else {}
    # The buttons of moderators, posted with and without the permission.
    pressed = {"change": ["publish", "remove", "restore"], "both": MODERATE[status].split()}.get(granted, [])
    for verb in pressed if may_save else ["publish"]:
        data["title"] = f"Autre titre {verb}"
        response = client.post(url, {**data, f"_{verb}": "1"})
        after = Offer.objects.get(pk=offer.pk)
        assert after.status == (TARGETS[verb] if verb in expected else status), verb
        # A verb that the status does not allow is an error of the form.
        is_saved = may_save and status in TRANSITIONS[verb].sources
        assert (response.status_code == 302) == is_saved, verb
        assert (after.title == f"Autre titre {verb}") == is_saved, verb
        reset(offer, stored)


ACTIONS = {
    # action: (status before, status after, keys of PERMISSIONS that allow it)
    "publish_offers": ("draft", "published", {"both", "moderate"}),
    "renew_offers": ("expired", "published", {"both", "change"}),
    "fill_offers": ("published", "filled", {"both", "change"}),
    "withdraw_offers": ("published", "withdrawn", {"both", "change"}),
}


@pytest.mark.parametrize("granted", PERMISSIONS)
def test_offer_list_actions_follow_permissions(client, granted):
    log_in(client, *PERMISSIONS[granted])
    for action, (status, target, may) in ACTIONS.items():
        offer = make_offer_in(status)
        run_action(client, reverse("admin:offers_offer_changelist"), action, offer)
        offer.refresh_from_db()
        assert offer.status == (target if granted in may else status), action


DECISIONS = {
    # decision: (status of a submitted offer after it; status and title of a published offer with a waiting revision)
    "approve": ("published", "published", "Après"),
    "return": ("returned", "published", "Avant"),
    "remove": ("removed", "removed", "Avant"),
}


@pytest.mark.parametrize("granted", PERMISSIONS)
def test_queue_decisions_follow_permissions(client, granted):
    log_in(client, *PERMISSIONS[granted])
    may = granted in {"moderate", "both"}
    assert client.get(QUEUE).status_code == (200 if may else 403)
    for decision, (target, published_target, title) in DECISIONS.items():
        submitted, published = make_offer_in("submitted", title="Avant"), make_offer_in("published", title="Avant")
        published.revisions.create(changes={"title": "Après"}, created_at=timezone.now())
        Offer.objects.filter(pk=published.pk).update(waiting_since=timezone.now())
        for offer in (submitted, published):
            seen = Offer.objects.get(pk=offer.pk).updated_at.isoformat()
            data = {
                "decision": f"{decision}:{offer.pk}",
                f"seen-{offer.pk}": seen,
                f"reason-{offer.pk}": "Motif.",
            }
            # A decision on a stale version is refused, whatever the permissions.
            client.post(QUEUE, {**data, f"seen-{offer.pk}": timezone.now().isoformat()})
            client.post(QUEUE, {**data, f"seen-{offer.pk}": ""})
            assert Offer.objects.get(pk=offer.pk).updated_at.isoformat() == seen
            assert client.post(QUEUE, data).status_code == (302 if may else 403)
            offer.refresh_from_db()
        assert submitted.status == (target if may else "submitted"), decision
        assert published.status == (published_target if may else "published"), decision
        assert published.title == (title if may else "Avant"), decision
        assert published.revisions.filter(status="waiting").exists() != may, decision


@pytest.mark.parametrize("permissions", [[], ["change_report"], ["moderate_offer"]])
def test_reports_are_decided_only_with_moderate_offer(client, permissions):
    log_in(client, "view_report", *permissions)
    may = "moderate_offer" in permissions
    url = reverse("admin:moderation_report_decide")
    for decision, status in (("none", "published"), ("correct", "returned"), ("remove", "removed")):
        report = make_report()
        query = f"{url}?offre={report.offer_id}"
        assert client.get(query).status_code == (200 if may else 403)
        response = client.post(query, {"decision": decision, "statement": "Raisons."})
        assert response.status_code == (302 if may else 403)
        report.refresh_from_db()
        report.offer.refresh_from_db()
        assert report.decision == (decision if may else "")
        assert report.offer.status == (status if may else "published")
    report = make_report()
    response = client.post(REPORTS, {"action": "decide_selected", "_selected_action": [report.pk]})
    assert (response.get("Location", "").startswith(url)) == may
    page = client.get(change_url(report))
    assert ("decide_url" in page.context) == may
    client.post(change_url(report), {"explanation": "Autre chose."})
    assert Report.objects.get(pk=report.pk).explanation == report.explanation


COMPANY_ACTIONS = {
    "verify": ("verified_at", True),
    "unverify": ("verified_at", False),
    "trust_companies": ("trusted", True),
    "distrust_companies": ("trusted", False),
}


@pytest.mark.parametrize("permission", [None, "change_company", "delete_company", "trust_company"])
def test_company_list_actions_require_trust_company(client, permission):
    user = log_in(client, "view_company", *([permission] if permission else []))
    for action, (field, after) in COMPANY_ACTIONS.items():
        company = make_company(trusted=not after, verified_at=None if after else timezone.now())
        run_action(client, COMPANIES, action, company)
        done = permission == "trust_company"
        stored = Company.objects.get(pk=company.pk)
        assert bool(getattr(stored, field)) == (after if done else not after), action
        assert stored.events.filter(by=user).exists() == done, action
        assert company.events.count() == done, action


@pytest.mark.parametrize("permission", [None, "change_joinrequest", "add_membership"])
@pytest.mark.parametrize("action", ["accept", "decline"])
def test_join_requests_are_decided_only_with_add_membership(client, permission, action):
    log_in(client, "view_joinrequest", *([permission] if permission else []))
    request = JoinRequest.objects.create(company=make_company(), user=make_user())
    form = client.get(REQUESTS).context["action_form"]
    offered = {name for name, _ in form.fields["action"].choices} if form else set()
    assert {"accept", "decline"} <= offered or permission != "add_membership"
    assert not {"accept", "decline"} & offered or permission == "add_membership"
    run_action(client, REQUESTS, action, request)
    request.refresh_from_db()
    done = permission == "add_membership"
    assert request.status == ({"accept": "accepted", "decline": "declined"}[action] if done else "waiting")
    assert Membership.objects.filter(user=request.user).exists() == (done and action == "accept")


@pytest.mark.parametrize(
    "permissions", [[], ["view_personaldatarequest"], ["delete_user", "change_user"], ["answer_person"]]
)
def test_personal_data_page_requires_answer_person(client, permissions):
    log_in(client, *permissions)
    lead = make_lead(email="anne@example.org")
    may = permissions == ["answer_person"]
    url = reverse("admin:privacy_person")
    assert client.get(url).status_code == (200 if may else 403)
    for data in ({"email": "anne@example.org", "export": "1"}, {"email": "anne@example.org", "erase": "1"}):
        response = client.post(url, data)
        assert (response.status_code == 403) != may
        # Reading the archive to its end closes it; `close()` would close the connection of the test too.
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert may or b"anne" not in content
    if not may:
        assert type(lead).objects.filter(pk=lead.pk).exists()


def test_new_offer_stays_a_draft_without_permission_to_publish(client):
    for granted, status in (("add", "draft"), ("change", None), ("both", None)):
        log_in(client, *PERMISSIONS[granted])
        assert client.get(reverse("admin:offers_offer_add")).status_code == (200 if status else 403)
    for extra, status in (
        ([], "draft"),
        (["change_offer"], "draft"),
        (["change_offer", "moderate_offer"], "published"),
    ):
        log_in(client, "view_offer", "add_offer", "view_company", "view_place", *extra)
        page = client.get(reverse("admin:offers_offer_add"))
        company, place = make_company(), make_place()
        data = form_data(page, title="CTO", contract="cdi", company=company.pk, place=place.pk, _publish="1")
        client.post(reverse("admin:offers_offer_add"), data)
        assert Offer.objects.get(company=company).status == status, extra
