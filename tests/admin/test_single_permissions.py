"""What each permission alone allows in the admin: every button, action and decision, written out here.

The groups are combinations; tests/admin/test_groups.py has their pages.
"""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from offers.companies.models import Company, JoinRequest, Membership
from offers.enums import OfferStatus
from offers.models import Offer
from offers.moderation.models import Report
from tests.admin.posting import filled
from tests.factories import make_company, make_lead, make_offer, make_place, make_report, make_user

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:offers_offer_moderation")
REPORTS = reverse("admin:moderation_report_changelist")
COMPANIES = reverse("admin:companies_company_changelist")
REQUESTS = reverse("admin:companies_joinrequest_changelist")
# The buttons on the page of an offer by its status: with change_offer, and the others with moderate_offer beside it.
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


def sign_in(client, *codenames):
    user = make_user(is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return user


def make_in(status, **fields):
    closed = {"closed_at": timezone.now()} if status in {"filled", "expired", "withdrawn", "removed"} else {}
    return make_offer(status=status, **closed, **fields)


def reset(offer, stored):
    Offer.objects.filter(pk=offer.pk).update(**{name: stored[name] for name in stored if name != "id"})
    offer.revisions.all().delete()


@pytest.mark.parametrize("status", OfferStatus.values)
@pytest.mark.parametrize("who", PERMISSIONS)
def test_every_button_on_the_page_of_an_offer(client, who, status):
    sign_in(client, *PERMISSIONS[who])
    offer = make_in(status)
    stored = Offer.objects.filter(pk=offer.pk).values().get()
    url = reverse("admin:offers_offer_change", args=[offer.pk])
    page = client.get(url)
    assert page.status_code == (403 if who == "none" else 200)
    expected = set()
    if who in {"change", "both"}:
        expected |= set(CHANGE[status].split())
    if who == "both":
        expected |= set(MODERATE[status].split())
    may_save = who == "both" or (who == "change" and status != "published")
    if page.status_code == 200:
        listed = [*page.context.get("verbs", []), *page.context.get("reasoned_verbs", [])]
        assert {name.removeprefix("_") for name, _ in listed} == expected
    data = filled(page, title="Autre titre", _reason="Motif.") if may_save else {}
    # The buttons of moderators, for who is one and who is not.
    pressed = {"change": ["publish", "remove", "restore"], "both": MODERATE[status].split()}.get(who, [])
    for verb in pressed if may_save else ["publish"]:
        data["title"] = f"Autre titre {verb}"
        response = client.post(url, {**data, f"_{verb}": "1"})
        after = Offer.objects.get(pk=offer.pk)
        assert after.status == (TARGETS[verb] if verb in expected else status), verb
        assert (response.status_code == 302) == may_save, verb
        assert (after.title == f"Autre titre {verb}") == may_save, verb
        reset(offer, stored)


ACTIONS = {
    # action: the status it is tried on, that to which it leads, who may.
    "publish_offers": ("draft", "published", {"both", "moderate"}),
    "renew_offers": ("expired", "published", {"both", "change"}),
    "fill_offers": ("published", "filled", {"both", "change"}),
    "withdraw_offers": ("published", "withdrawn", {"both", "change"}),
}


@pytest.mark.parametrize("who", PERMISSIONS)
def test_every_action_of_the_list_of_offers(client, who):
    sign_in(client, *PERMISSIONS[who])
    for action, (status, target, may) in ACTIONS.items():
        offer = make_in(status)
        client.post(
            reverse("admin:offers_offer_changelist"), {"action": action, "_selected_action": [offer.pk]}, follow=True
        )
        offer.refresh_from_db()
        assert offer.status == (target if who in may else status), action


DECISIONS = {
    # decision: of a submitted offer, of a change that waits; what becomes of the offer, and of its title.
    "approve": ("published", "published", "Après"),
    "return": ("returned", "published", "Avant"),
    "remove": ("removed", "removed", "Avant"),
}


@pytest.mark.parametrize("who", PERMISSIONS)
def test_every_decision_of_the_queue(client, who):
    sign_in(client, *PERMISSIONS[who])
    may = who in {"moderate", "both"}
    assert client.get(QUEUE).status_code == (200 if may else 403)
    for decision, (target, of_change, title) in DECISIONS.items():
        submitted, published = make_in("submitted", title="Avant"), make_in("published", title="Avant")
        published.revisions.create(changes={"title": "Après"}, created_at=timezone.now())
        Offer.objects.filter(pk=published.pk).update(waiting_since=timezone.now())
        for offer in (submitted, published):
            seen = Offer.objects.get(pk=offer.pk).updated_at.isoformat()
            data = {
                "decision": f"{decision}:{offer.pk}",
                f"seen-{offer.pk}": seen,
                f"reason-{offer.pk}": "Motif.",
            }
            # A stale copy is never decided, whatever the permissions.
            client.post(QUEUE, {**data, f"seen-{offer.pk}": timezone.now().isoformat()})
            client.post(QUEUE, {**data, f"seen-{offer.pk}": ""})
            assert Offer.objects.get(pk=offer.pk).updated_at.isoformat() == seen
            assert client.post(QUEUE, data).status_code == (302 if may else 403)
            offer.refresh_from_db()
        assert submitted.status == (target if may else "submitted"), decision
        assert published.status == (of_change if may else "published"), decision
        assert published.title == (title if may else "Avant"), decision
        assert published.revisions.filter(status="waiting").exists() != may, decision


@pytest.mark.parametrize("permissions", [[], ["change_report"], ["moderate_offer"]])
def test_reports_are_decided_by_moderators(client, permissions):
    sign_in(client, "view_report", *permissions)
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
    page = client.get(reverse("admin:moderation_report_change", args=[report.pk]))
    assert ("decide_url" in page.context) == may
    client.post(reverse("admin:moderation_report_change", args=[report.pk]), {"explanation": "Autre chose."})
    assert Report.objects.get(pk=report.pk).explanation == report.explanation


COMPANY_ACTIONS = {
    "verify": ("verified_at", True),
    "unverify": ("verified_at", False),
    "trust_companies": ("trusted", True),
    "distrust_companies": ("trusted", False),
}


@pytest.mark.parametrize("permission", [None, "change_company", "delete_company", "trust_company"])
def test_every_action_of_the_list_of_companies(client, permission):
    user = sign_in(client, "view_company", *([permission] if permission else []))
    for action, (field, after) in COMPANY_ACTIONS.items():
        company = make_company(trusted=not after, verified_at=None if after else timezone.now())
        client.post(COMPANIES, {"action": action, "_selected_action": [company.pk]}, follow=True)
        done = permission == "trust_company"
        stored = Company.objects.get(pk=company.pk)
        assert bool(getattr(stored, field)) == (after if done else not after), action
        assert stored.events.filter(by=user).exists() == done, action
        assert company.events.count() == done, action


@pytest.mark.parametrize("permission", [None, "change_joinrequest", "add_membership"])
@pytest.mark.parametrize("action", ["accept", "decline"])
def test_requests_to_join_are_decided_by_who_may_add_members(client, permission, action):
    sign_in(client, "view_joinrequest", *([permission] if permission else []))
    request = JoinRequest.objects.create(company=make_company(), user=make_user())
    form = client.get(REQUESTS).context["action_form"]
    offered = {name for name, _ in form.fields["action"].choices} if form else set()
    assert {"accept", "decline"} <= offered or permission != "add_membership"
    assert not {"accept", "decline"} & offered or permission == "add_membership"
    client.post(REQUESTS, {"action": action, "_selected_action": [request.pk]}, follow=True)
    request.refresh_from_db()
    done = permission == "add_membership"
    assert request.status == ({"accept": "accepted", "decline": "declined"}[action] if done else "waiting")
    assert Membership.objects.filter(user=request.user).exists() == (done and action == "accept")


@pytest.mark.parametrize(
    "permissions", [[], ["view_personaldatarequest"], ["delete_user", "change_user"], ["answer_person"]]
)
def test_the_data_of_a_person_are_for_who_may_answer(client, permissions):
    sign_in(client, *permissions)
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


def test_an_offer_is_added_as_a_draft_by_who_may_not_publish(client):
    for who, status in (("add", "draft"), ("change", None), ("both", None)):
        sign_in(client, *PERMISSIONS[who])
        assert client.get(reverse("admin:offers_offer_add")).status_code == (200 if status else 403)
    for extra, status in (
        ([], "draft"),
        (["change_offer"], "draft"),
        (["change_offer", "moderate_offer"], "published"),
    ):
        sign_in(client, "view_offer", "add_offer", "view_company", "view_place", *extra)
        page = client.get(reverse("admin:offers_offer_add"))
        company, place = make_company(), make_place()
        data = filled(page, title="X", contract="cdi", company=company.pk, place=place.pk, _publish="1")
        client.post(reverse("admin:offers_offer_add"), data)
        assert Offer.objects.get(company=company).status == status, extra
