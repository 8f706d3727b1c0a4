"""The workflow of an offer: permissions, history, proposed changes, expiry and concurrent decisions."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobboard.privacy import registry
from jobboard.privacy.registry import Person
from offers.companies.enums import CompanyChange
from offers.enums import ActorRole, OfferStatus, RevisionStatus
from offers.models import Offer, OfferEvent, TransitionRefused
from offers.models.lifecycle import OfferLifecycle
from offers.models.transitions import TRANSITIONS, NotAllowed, allowed
from offers.posting import tasks
from tests.admin.staff import make_moderator
from tests.factories import make_company, make_member, make_offer, make_skill
from tests.offers.lifecycle import apply_verb, make_offer_in
from tests.threads import needs_postgresql, run_in_threads

# The verbs that a member of the company may use in each status, and the additional ones of trusted companies and of
# moderators.
MEMBER = {
    "draft": "submit withdraw",
    "submitted": "withdraw reopen",
    "returned": "submit withdraw",
    "published": "renew confirm fill withdraw propose",
    "filled": "reopen",
    "expired": "renew fill withdraw reopen",
    "withdrawn": "reopen",
    "removed": "",
}
TRUSTED = {"draft": "publish", "submitted": "publish", "returned": "publish", "published": "amend"} | dict.fromkeys(
    ["filled", "expired", "withdrawn"], "publish"
)
MODERATOR = {
    "submitted": "return_ remove",
    "returned": "remove",
    "published": "return_ remove accept decline",
    "filled": "remove",
    "expired": "remove",
    "withdrawn": "remove",
    "removed": "restore",
}


def verbs_in(status, *tables) -> set[str]:
    return {verb for table in tables for verb in table.get(status, "").split()}


@pytest.mark.parametrize("status", OfferStatus)
def test_allowed_verbs_depend_on_status_and_actor(db, status):
    offer = make_offer_in(status, company=make_company())
    member = make_member(offer.company).user
    assert set(allowed(offer, member)) == verbs_in(status, MEMBER)
    assert set(allowed(offer, make_member().user)) == set()
    assert set(allowed(offer, make_moderator())) == verbs_in(status, MEMBER, TRUSTED, MODERATOR)
    offer.company.trusted = True
    assert set(allowed(offer, member)) == verbs_in(status, MEMBER, TRUSTED)


def test_publishing_without_permission_is_refused(db):
    offer = make_offer(status=OfferStatus.SUBMITTED)
    with pytest.raises(NotAllowed):
        offer.publish(make_member().user)
    with pytest.raises(NotAllowed):
        offer.publish(make_member(offer.company).user)
    assert not OfferEvent.objects.exists()
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


@pytest.mark.parametrize("verb", [verb for verb, transition in TRANSITIONS.items() if transition.needs_reason])
def test_decision_without_a_reason_is_refused(db, verb):
    status = {"restore": OfferStatus.REMOVED, "return_": OfferStatus.SUBMITTED}.get(verb, OfferStatus.PUBLISHED)
    offer = make_offer_in(status)
    moderator = make_moderator()
    if verb == "decline":
        offer.propose({"title": "Autre"}, make_member(offer.company).user)
    with pytest.raises(TransitionRefused, match="motif"):
        getattr(offer, verb)(moderator, "  ")
    assert Offer.objects.get().status == status


def test_history_records_actor_role_reason_and_requester(db):
    offer = make_offer(
        status=OfferStatus.DRAFT, published_at=None, expires_at=None, company=make_company(name="Ateliers")
    )
    member, moderator = make_member(offer.company).user, make_moderator()
    offer.submit_or_publish(member)
    assert Offer.objects.waiting().get() == offer
    offer.return_(moderator, "Précisez la rémunération.")
    offer.submit_or_publish(member)
    offer.publish(moderator)
    offer.fill(moderator)
    assert not Offer.objects.waiting().exists()
    events = list(offer.events.order_by("pk").values_list("verb", "before", "after", "by", "role", "reason"))
    team = (moderator.pk, ActorRole.TEAM)
    assert events == [
        ("submit", "draft", "submitted", member.pk, ActorRole.MEMBER, ""),
        ("return_", "submitted", "returned", *team, "Précisez la rémunération."),
        ("submit", "returned", "submitted", member.pk, ActorRole.MEMBER, ""),
        ("publish", "submitted", "published", *team, ""),
        ("fill", "published", "filled", *team, ""),
    ]
    published, filled = offer.events.get(verb="publish"), offer.events.get(verb="fill")
    assert (published.requested_by, published.requested_at) == (member, offer.events.filter(verb="submit").first().at)
    assert (published.version["title"], published.on_behalf_of) == (offer.title, None)
    assert filled.on_behalf_of == offer.company


def test_publication_by_staff_records_the_company_and_the_request(db):
    offer = make_offer(status=OfferStatus.DRAFT)
    offer.publish(make_moderator(), request_source="Mme Martin, par e-mail")
    event = offer.events.get()
    assert (event.role, event.on_behalf_of) == (ActorRole.TEAM, offer.company)
    assert (event.requested_by, event.request_source) == (None, "Mme Martin, par e-mail")
    assert event.requested_at == event.at


def test_offer_of_a_trusted_company_is_published_without_review(db):
    offer = make_offer(status=OfferStatus.DRAFT)
    member, curator = make_member(offer.company).user, make_moderator()
    assert offer.company.trust(curator)
    assert not offer.company.trust(curator)
    offer.submit_or_publish(member)
    assert offer.is_published()
    assert offer.company.events.get().change == CompanyChange.TRUSTED
    assert offer.company.events.get().by == curator


def test_history_is_anonymized_when_the_account_is_erased(db):
    offer = make_offer(status=OfferStatus.SUBMITTED)
    moderator = make_moderator()
    member = make_member(offer.company).user
    make_member(offer.company)
    offer.reopen(member)
    offer.submit(member)
    offer.publish(moderator)
    assert len(registry.export(Person(user=member))["Actes sur des offres"]) == 3
    registry.erase(Person(user=member))
    assert list(offer.events.values_list("verb", "by", "role", "requested_by")) == [
        ("publish", moderator.pk, ActorRole.TEAM, None),
        ("submit", None, ActorRole.MEMBER, None),
        ("reopen", None, ActorRole.MEMBER, None),
    ]
    assert offer.events.first().requested_at


def test_renewal_keeps_the_publication_date_until_expiry(db):
    offer = make_offer(age=timedelta(days=20))
    published_at, expires_at = offer.published_at, offer.expires_at
    at = timezone.now() + timedelta(days=5)
    offer.renew(at=at)
    assert (offer.published_at, offer.confirmed_at) == (published_at, at)
    assert offer.expires_at > expires_at
    later = offer.expires_at + timedelta(days=1)
    offer.renew(at=later)
    assert offer.published_at == later


@pytest.mark.parametrize(
    ("published", "last_second"),
    [
        ("2026-11-30T10:00", "2027-01-29T23:59:59"),
        ("2026-11-30T00:01", "2027-01-29T23:59:59"),
        ("2026-11-30T23:59", "2027-01-29T23:59:59"),
        # Over the change to summer time.
        ("2027-02-15T10:00", "2027-04-16T23:59:59"),
    ],
)
def test_offer_is_online_until_the_end_of_its_last_day_in_paris(db, published, last_second):
    paris = timezone.get_default_timezone()
    offer = make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    offer.publish(at=datetime.fromisoformat(published).replace(tzinfo=paris))
    assert offer.expires_at == datetime.fromisoformat(last_second).replace(tzinfo=paris)
    assert offer.is_published(offer.expires_at - timedelta(seconds=1))
    assert Offer.objects.published(offer.expires_at - timedelta(seconds=1)).get() == offer
    assert not Offer.objects.due_to_expire(offer.expires_at - timedelta(seconds=1)).exists()


# Changes of published offers


def test_proposed_change_waits_for_review(db):
    python, go = make_skill("Python"), make_skill("Go")
    offer = make_offer(title="Avant", skills=[python])
    member, moderator = make_member(offer.company).user, make_moderator()
    revision = offer.propose({"title": "Après", "skills": [go], "external_reference": "X"}, member)
    offer.refresh_from_db()
    assert (offer.title, offer.is_published()) == ("Avant", True)
    assert set(revision.changes) == {"title", "skills"}
    assert Offer.objects.waiting().get() == offer
    assert offer.propose({"title": "Encore après"}, member).pk == revision.pk
    offer.accept(moderator)
    assert (Offer.objects.get().title, list(offer.skills.all())) == ("Encore après", [python])
    revision.refresh_from_db()
    assert revision.status == RevisionStatus.APPLIED
    assert not Offer.objects.waiting().exists()
    assert offer.events.first().version["title"] == "Encore après"


def test_proposed_change_is_declined_or_dropped(db):
    offer = make_offer(title="Avant")
    member, moderator = make_member(offer.company).user, make_moderator()
    offer.propose({"title": "Après"}, member)
    offer.decline(moderator, "Non.")
    offer.propose({"title": "Après"}, member)
    assert offer.propose({"title": "Avant"}, member) is None
    offer.propose({"title": "Après"}, member)
    offer.withdraw(member)
    statuses = list(offer.revisions.order_by("pk").values_list("status", flat=True))
    assert statuses == [RevisionStatus.DECLINED, RevisionStatus.DROPPED, RevisionStatus.DROPPED]
    assert Offer.objects.get().title == "Avant"
    with pytest.raises(TransitionRefused):
        offer.accept(moderator)


def test_change_by_a_trusted_company_is_applied_without_review(db):
    offer = make_offer(company=make_company(trusted=True), title="Avant")
    assert offer.propose({"title": "Après"}, make_member(offer.company).user) is None
    assert Offer.objects.get().title == offer.title == "Après"
    assert offer.events.get().verb == "amend"


def test_accepting_a_change_that_became_invalid_is_refused(db):
    offer = make_offer(title="Avant", pay_min=40_000, pay_max=50_000)
    offer.propose({"pay_max": 45_000}, make_member(offer.company).user)
    Offer.objects.update(pay_min=48_000)
    with pytest.raises(TransitionRefused, match="du plus petit au plus grand"):
        Offer.objects.get().accept(make_moderator())
    assert Offer.objects.waiting().exists()


# Expiry and removal


def test_overdue_offer_expires_once(db):
    now = timezone.now()
    overdue = make_offer(age=timedelta(days=61), expires_at=now - timedelta(hours=1))
    make_offer()
    tasks.expire_offers()
    tasks.expire_offers()
    overdue.refresh_from_db()
    assert (overdue.status, overdue.closed_at) == (OfferStatus.EXPIRED, overdue.expires_at)
    event = OfferEvent.objects.get()
    assert (event.offer, event.verb, event.role, event.by) == (overdue, "expire", ActorRole.SYSTEM, None)
    overdue.renew()
    assert overdue.is_published()


def test_page_of_a_returned_offer_is_404_and_of_a_removed_offer_410(client):
    returned, removed, moderator = make_offer(), make_offer(), make_moderator()
    returned.return_(moderator, "À revoir.")
    assert client.get(returned.get_absolute_url()).status_code == 404
    returned.remove(moderator, "Fraude.")
    assert client.get(returned.get_absolute_url()).status_code == 404
    removed.remove(moderator, "Fraude.")
    assert client.get(removed.get_absolute_url()).status_code == 410


# Concurrent transitions


def apply_concurrently(offer, *transitions) -> list[str]:
    """Apply pairs of a verb and a user at the same time; return "done" or the text of the refusal for each."""

    def transition(verb, by):
        instance = Offer.objects.select_related("company").get(pk=offer.pk)

        def apply():
            apply_verb(instance, verb, by)
            return "done"

        return apply

    outcomes = run_in_threads(*(transition(*each) for each in transitions), refusal=TransitionRefused)
    return [str(outcome) for outcome in outcomes]


@pytest.fixture
def submitted_offer(transactional_db):
    offer = make_offer(status=OfferStatus.SUBMITTED)
    return offer, make_moderator(), make_moderator(), make_member(offer.company).user


@needs_postgresql
@pytest.mark.parametrize("pair", [("publish", "remove"), ("publish", "return_"), ("publish", "publish")])
def test_second_of_two_concurrent_decisions_is_refused(submitted_offer, pair):
    offer, first, second, _ = submitted_offer
    outcomes = apply_concurrently(offer, (pair[0], first), (pair[1], second))
    assert outcomes.count("done") == 1
    [refusal] = [outcome for outcome in outcomes if outcome != "done"]
    assert "par l’équipe du site, rechargez la page." in refusal
    assert OfferEvent.objects.count() == 1


@needs_postgresql
def test_without_the_guarded_update_both_concurrent_decisions_apply(submitted_offer, monkeypatch):
    monkeypatch.setattr(OfferLifecycle, "_unchanged_row", lambda self: Offer.objects.filter(pk=self.pk))
    offer, first, second, _ = submitted_offer
    assert apply_concurrently(offer, ("publish", first), ("remove", second)) == ["done", "done"]
    assert OfferEvent.objects.count() == 2


@needs_postgresql
def test_concurrent_reopen_and_publish_apply_only_once(submitted_offer):
    offer, moderator, _, member = submitted_offer
    assert apply_concurrently(offer, ("reopen", member), ("publish", moderator)).count("done") == 1
    assert OfferEvent.objects.count() == 1
