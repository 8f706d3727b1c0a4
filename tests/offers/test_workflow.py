"""The life of an offer: who may do what, what is kept of it, and what happens to two people at once."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from jobboard.privacy import registry
from jobboard.privacy.registry import Person
from offers.companies.enums import CompanyChange
from offers.enums import ActorRole, OfferStatus, RevisionStatus
from offers.models import Offer, OfferEvent, TransitionRefused
from offers.models.lifecycle import OfferLifecycle
from offers.models.transitions import TRANSITIONS, NotAllowed, allowed
from offers.posting import tasks
from tests.factories import make_company, make_member, make_offer, make_skill, make_user

ARGUMENTS = {"return_": ["Motif."], "remove": ["Motif."], "restore": ["Motif."], "decline": ["Motif."]}


def make_moderator(**fields):
    user = make_user(is_staff=True, **fields)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["moderate_offer", "change_offer"]))
    return user


def make_in(status, **fields):
    closed = {OfferStatus.FILLED, OfferStatus.EXPIRED, OfferStatus.WITHDRAWN, OfferStatus.REMOVED}
    return make_offer(status=status, **({"closed_at": timezone.now()} if status in closed else {}), **fields)


def do(offer, verb, by):
    if verb == "propose":
        return offer.propose({"title": "Autre titre"}, by)
    return getattr(offer, verb)(by, *ARGUMENTS.get(verb, []))


# The table, cell by cell: what each kind of person may do in each state.
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


def cell(status, *tables):
    return {verb for table in tables for verb in table.get(status, "").split()}


@pytest.mark.parametrize("status", OfferStatus)
def test_who_may_do_what(db, status):
    offer = make_in(status, company=make_company())
    member = make_member(offer.company).user
    assert set(allowed(offer, member)) == cell(status, MEMBER)
    assert set(allowed(offer, make_member().user)) == set()
    assert set(allowed(offer, make_moderator())) == cell(status, MEMBER, TRUSTED, MODERATOR)
    offer.company.trusted = True
    assert set(allowed(offer, member)) == cell(status, MEMBER, TRUSTED)


def test_a_stranger_changes_nothing(db):
    offer = make_offer(status=OfferStatus.SUBMITTED)
    with pytest.raises(NotAllowed):
        offer.publish(make_member().user)
    with pytest.raises(NotAllowed):
        offer.publish(make_member(offer.company).user)
    assert not OfferEvent.objects.exists()
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


@pytest.mark.parametrize("verb", [verb for verb, transition in TRANSITIONS.items() if transition.needs_reason])
def test_a_decision_against_the_company_says_why(db, verb):
    status = {"restore": OfferStatus.REMOVED, "return_": OfferStatus.SUBMITTED}.get(verb, OfferStatus.PUBLISHED)
    offer = make_in(status)
    moderator = make_moderator()
    if verb == "decline":
        offer.propose({"title": "Autre"}, make_member(offer.company).user)
    with pytest.raises(TransitionRefused, match="motif"):
        getattr(offer, verb)(moderator, "  ")
    assert Offer.objects.get().status == status


def test_the_way_of_an_offer_is_kept_with_who_when_why_and_who_asked(db):
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
    acts = list(offer.events.order_by("pk").values_list("verb", "before", "after", "by", "role", "reason"))
    team = (moderator.pk, ActorRole.TEAM)
    assert acts == [
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


def test_staff_publish_for_a_company_and_the_record_says_so(db):
    offer = make_offer(status=OfferStatus.DRAFT)
    offer.publish(make_moderator(), request_source="Mme Martin, par e-mail")
    event = offer.events.get()
    assert (event.role, event.on_behalf_of) == (ActorRole.TEAM, offer.company)
    assert (event.requested_by, event.request_source) == (None, "Mme Martin, par e-mail")
    assert event.requested_at == event.at


def test_a_trusted_company_publishes_at_once(db):
    offer = make_offer(status=OfferStatus.DRAFT)
    member, curator = make_member(offer.company).user, make_moderator()
    assert offer.company.trust(curator)
    assert not offer.company.trust(curator)
    offer.submit_or_publish(member)
    assert offer.is_published()
    assert offer.company.events.get().change == CompanyChange.TRUSTED
    assert offer.company.events.get().by == curator


def test_the_history_outlives_the_account_without_its_name(db):
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


def test_renewing_keeps_the_date_of_what_candidates_see(db):
    offer = make_offer(age=timedelta(days=20))
    published_at, expires_at = offer.published_at, offer.expires_at
    at = timezone.now() + timedelta(days=5)
    offer.renew(at=at)
    assert (offer.published_at, offer.confirmed_at) == (published_at, at)
    assert offer.expires_at > expires_at
    later = offer.expires_at + timedelta(days=1)
    offer.renew(at=later)
    assert offer.published_at == later


# Changes of what is out


def test_a_change_waits_while_the_old_version_stays(db):
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


def test_a_change_is_refused_or_taken_back(db):
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


def test_a_trusted_company_changes_at_once(db):
    offer = make_offer(company=make_company(trusted=True), title="Avant")
    assert offer.propose({"title": "Après"}, make_member(offer.company).user) is None
    assert Offer.objects.get().title == offer.title == "Après"
    assert offer.events.get().verb == "amend"


def test_a_change_that_makes_no_sense_any_more_is_refused_in_words(db):
    offer = make_offer(title="Avant", pay_min=40_000, pay_max=50_000)
    offer.propose({"pay_max": 45_000}, make_member(offer.company).user)
    Offer.objects.update(pay_min=48_000)
    with pytest.raises(TransitionRefused, match="du plus petit au plus grand"):
        Offer.objects.get().accept(make_moderator())
    assert Offer.objects.waiting().exists()


# Time


def test_what_is_over_expires_once(db):
    now = timezone.now()
    over = make_offer(age=timedelta(days=61), expires_at=now - timedelta(hours=1))
    make_offer()
    tasks.expire_offers()
    tasks.expire_offers()
    over.refresh_from_db()
    assert (over.status, over.closed_at) == (OfferStatus.EXPIRED, over.expires_at)
    event = OfferEvent.objects.get()
    assert (event.offer, event.verb, event.role, event.by) == (over, "expire", ActorRole.SYSTEM, None)
    over.renew()
    assert over.is_published()


def test_a_removed_offer_has_no_page_and_a_returned_one_neither(client):
    offer, moderator = make_offer(), make_moderator()
    offer.return_(moderator, "À revoir.")
    assert client.get(offer.get_absolute_url()).status_code == 404
    offer.remove(moderator, "Fraude.")
    assert client.get(offer.get_absolute_url()).status_code == 410


# Two at once


def race(offer, *acts):
    together, outcomes = threading.Barrier(len(acts)), []

    def act(verb, by):
        mine = Offer.objects.select_related("company").get(pk=offer.pk)
        together.wait()
        try:
            do(mine, verb, by)
            outcomes.append("done")
        except TransitionRefused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=each) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def submitted(transactional_db):
    offer = make_offer(status=OfferStatus.SUBMITTED)
    return offer, make_moderator(), make_moderator(), make_member(offer.company).user


needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@needs_postgresql
@pytest.mark.parametrize("pair", [("publish", "remove"), ("publish", "return_"), ("publish", "publish")])
def test_of_two_moderators_at_once_one_is_told_what_the_other_did(submitted, pair):
    offer, first, second, _ = submitted
    outcomes = race(offer, (pair[0], first), (pair[1], second))
    assert outcomes.count("done") == 1
    [told] = [outcome for outcome in outcomes if outcome != "done"]
    assert "par l’équipe du site, rechargez la page." in told
    assert OfferEvent.objects.count() == 1


@needs_postgresql
def test_control_without_the_guard_both_win(submitted, monkeypatch):
    monkeypatch.setattr(OfferLifecycle, "_unchanged_row", lambda self: Offer.objects.filter(pk=self.pk))
    offer, first, second, _ = submitted
    assert race(offer, ("publish", first), ("remove", second)) == ["done", "done"]
    assert OfferEvent.objects.count() == 2


@needs_postgresql
def test_a_company_that_takes_back_and_a_moderator_who_publishes(submitted):
    offer, moderator, _, member = submitted
    assert race(offer, ("reopen", member), ("publish", moderator)).count("done") == 1
    assert OfferEvent.objects.count() == 1
