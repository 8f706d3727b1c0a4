"""Every verb of an offer, in every status, by every kind of actor and on stale instances: tables repeat the rules."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.text.dates import end_of_day, local_date
from offers.companies.enums import MemberRole
from offers.enums import ActorRole, OfferStatus, RevisionStatus
from offers.models import Offer, OfferEvent, TransitionRefused
from offers.models.transitions import TRANSITIONS, NotAllowed, allowed
from tests.admin.staff import make_staff, make_superuser
from tests.factories import make_company, make_member, make_offer, make_user
from tests.offers.lifecycle import NEED_REASON, apply_verb, make_offer_in

pytestmark = pytest.mark.django_db

# For each verb, the statuses before it and the status after it.
VERBS = {
    "submit": ("draft returned", "submitted"),
    "publish": ("draft submitted returned filled expired withdrawn", "published"),
    "return_": ("submitted published", "returned"),
    "renew": ("published expired", "published"),
    "confirm": ("published", "published"),
    "fill": ("published expired", "filled"),
    "withdraw": ("draft submitted returned published expired", "withdrawn"),
    "reopen": ("submitted filled expired withdrawn", "draft"),
    "expire": ("published", "expired"),
    "remove": ("submitted returned published filled expired withdrawn", "removed"),
    "restore": ("removed", "draft"),
    "propose": ("published", "published"),
    "amend": ("published", "published"),
    "accept": ("published", "published"),
    "decline": ("published", "published"),
}
COMPANY = "submit renew confirm fill withdraw reopen propose"
PUBLISHING = "publish amend"
MODERATION = "return_ remove restore accept decline"
# The verbs of each kind of actor, and the role in the recorded event.
ACTORS = {
    "the site itself": (f"{COMPANY} {PUBLISHING} expire", ActorRole.SYSTEM),
    "an owner": (COMPANY, ActorRole.MEMBER),
    "a recruiter": (COMPANY, ActorRole.MEMBER),
    "an owner, trusted": (f"{COMPANY} {PUBLISHING}", ActorRole.MEMBER),
    "a recruiter, trusted": (f"{COMPANY} {PUBLISHING}", ActorRole.MEMBER),
    "a member of another company": ("", None),
    "a member of another company, trusted": ("", None),
    "a user without company": ("", None),
    "staff without permission": ("", None),
    "staff with view_offer": ("", None),
    "staff with change_offer": (COMPANY, ActorRole.TEAM),
    "staff with change_offer, trusted": (COMPANY, ActorRole.TEAM),
    "staff with moderate_offer": (f"{COMPANY} {PUBLISHING} {MODERATION}", ActorRole.TEAM),
    "staff with both": (f"{COMPANY} {PUBLISHING} {MODERATION}", ActorRole.TEAM),
    "a superuser": (f"{COMPANY} {PUBLISHING} {MODERATION}", ActorRole.TEAM),
    "permissions without staff": ("", None),
    # Events of this user have the role MEMBER, except for the verbs in TEAM_ONLY.
    "a member who is a moderator": (f"{COMPANY} {PUBLISHING} {MODERATION}", ActorRole.MEMBER),
}
TEAM_ONLY = {*PUBLISHING.split(), *MODERATION.split()}
DECISIONS = {"publish", "return_", "remove", "accept", "decline"}


def make_actors(company) -> dict:
    owner = make_member(company).user
    recruiter = make_member(company, role=MemberRole.RECRUITER).user
    other = make_member().user
    moderator = make_staff("moderate_offer")
    make_member(company, moderator, MemberRole.RECRUITER)
    changer = make_staff("change_offer")
    return {
        "the site itself": None,
        "an owner": owner,
        "a recruiter": recruiter,
        "an owner, trusted": owner,
        "a recruiter, trusted": recruiter,
        "a member of another company": other,
        "a member of another company, trusted": other,
        "a user without company": make_user(),
        "staff without permission": make_staff(),
        "staff with view_offer": make_staff("view_offer"),
        "staff with change_offer": changer,
        "staff with change_offer, trusted": changer,
        "staff with moderate_offer": make_staff("moderate_offer"),
        "staff with both": make_staff("change_offer", "moderate_offer"),
        "a superuser": make_superuser(),
        "permissions without staff": make_staff("change_offer", "moderate_offer", is_staff=False),
        "a member who is a moderator": moderator,
    }


def make_overdue_offer(status, company) -> Offer:
    """Return an offer in `status` whose `expires_at` has passed; a published one has a waiting revision."""
    now = timezone.now()
    offer = make_offer_in(
        status, company=company, published_at=now - timedelta(days=61), expires_at=now - timedelta(days=1)
    )
    if status == "published":
        offer.revisions.create(changes={"title": "Un autre titre"}, created_at=now)
        Offer.objects.filter(pk=offer.pk).update(waiting_since=now)
    return offer


def load(pk) -> Offer:
    return Offer.objects.select_related("company").get(pk=pk)


def test_tables_agree_with_the_declared_transitions():
    assert set(VERBS) == set(TRANSITIONS)
    verbs = {verb for text, _ in ACTORS.values() for verb in text.split()}
    assert verbs == set(VERBS)
    for verb, (sources, target) in VERBS.items():
        transition = TRANSITIONS[verb]
        assert {*sources.split(), target} <= set(OfferStatus.values)
        assert (set(transition.sources), transition.target) == (set(sources.split()), target), verb
        assert transition.needs_reason == (verb in NEED_REASON), verb
        assert transition.is_decision == (verb in DECISIONS), verb


@pytest.mark.parametrize("status", OfferStatus.values)
def test_every_verb_by_every_actor(status):
    company = make_company()
    offer = make_overdue_offer(status, company)
    failures = []
    for name, by in make_actors(company).items():
        verbs, role = ACTORS[name]
        type(company).objects.filter(pk=company.pk).update(trusted=name.endswith(", trusted"))
        possible = {verb for verb in verbs.split() if status in VERBS[verb][0].split()}
        if (listed := set(allowed(load(offer.pk), by))) != possible:
            failures.append(f"{name}: {sorted(listed ^ possible)} listed wrongly")
        for verb, (sources, target) in VERBS.items():
            # The scheduled run passes no actor.
            if verb == "expire" and by is not None:
                continue
            outcome, after, event = try_verb(offer, verb, by)
            if verb in {"accept", "decline"} and status != "published":
                # There is no waiting revision, which is checked before permissions.
                expected = ("refused", status, None)
            elif verb not in verbs.split():
                expected = ("not allowed", status, None)
            elif status not in sources.split():
                expected = ("refused", status, None)
            else:
                # A change proposed by an actor who may publish is applied at once, as "amend".
                done = "amend" if verb == "propose" and "amend" in verbs.split() else verb
                recorded_role = ActorRole.TEAM if name.endswith("a moderator") and done in TEAM_ONLY else role
                expected = ("done", target, (done, status, target, by and by.pk, recorded_role))
            if (outcome, after, event) != expected:
                failures.append(f"{verb} by {name}: {(outcome, after, event)}, not {expected}")
    assert not failures, "\n".join(failures)


def try_verb(offer, verb, by):
    """Return the outcome, the status and the event, and roll back."""
    with transaction.atomic():
        try:
            apply_verb(load(offer.pk), verb, by)
            outcome = "done"
        except NotAllowed:
            outcome = "not allowed"
        except TransitionRefused:
            outcome = "refused"
        after = Offer.objects.values_list("status", flat=True).get(pk=offer.pk)
        event = OfferEvent.objects.values_list("verb", "before", "after", "by", "role").first()
        transaction.set_rollback(True)
    return outcome, after, event


# Stale instances: the row has changed since it was loaded.


def change_status(offer):
    """Change the row like a status that was corrected and set back."""
    Offer.objects.filter(pk=offer.pk).update(status=offer.status, updated_at=offer.updated_at + timedelta(seconds=1))


def save_description(offer):
    other = load(offer.pk)
    other.description = "Un autre texte."
    other.save()


def transition_in_place(offer):
    load(offer.pk).confirm() if offer.status == "published" else save_description(offer)


def restore_backup(offer):
    """Make the row older, like a restore of the database from a backup."""
    Offer.objects.filter(pk=offer.pk).update(updated_at=offer.updated_at - timedelta(seconds=1))


def delete(offer):
    Offer.objects.filter(pk=offer.pk).delete()


STALE = {each.__name__: each for each in (change_status, save_description, transition_in_place, restore_backup, delete)}


@pytest.mark.parametrize("change", STALE)
def test_every_verb_is_refused_on_a_stale_instance(change):
    company, moderator = make_company(), make_staff("moderate_offer")
    for verb, (sources, _) in VERBS.items():
        for status in sources.split():
            if change == "delete" and verb in {"propose", "accept", "decline"}:
                continue  # These verbs read the row first, and raise DoesNotExist.
            stale = load(make_overdue_offer(status, company).pk)
            STALE[change](stale)
            stored = Offer.objects.filter(pk=stale.pk).values().first()
            with pytest.raises(TransitionRefused, match="rechargez la page"):
                apply_verb(stale, verb, None if verb == "expire" else moderator)
            assert Offer.objects.filter(pk=stale.pk).values().first() == stored, (verb, status)
            assert not OfferEvent.objects.filter(offer=stale.pk).exclude(verb="confirm").exists(), (verb, status)
            waiting = stale.revisions.filter(status=RevisionStatus.WAITING)
            assert waiting.exists() == (status == "published" and change != "delete"), (verb, status)


def test_instance_is_not_stale_after_its_own_transitions():
    offer = load(make_overdue_offer("published", make_company()).pk)
    for verb in ("confirm", "renew", "confirm", "fill", "reopen", "withdraw"):
        apply_verb(offer, verb, None)
    assert list(offer.events.order_by("pk").values_list("verb", flat=True)) == [
        *("confirm", "renew", "confirm", "fill", "reopen", "withdraw")
    ]


# Dates


def test_each_verb_writes_its_dates(settings):
    settings.OFFER_LIFETIME_DAYS = 60
    company, moderator = make_company(), make_staff("moderate_offer")
    now = timezone.now()
    names = ("published_at", "confirmed_at", "expires_at", "closed_at", "waiting_since")
    # True: set to now; None: cleared; "=": unchanged; "+": the end of the day OFFER_LIFETIME_DAYS from now.
    table = {
        ("submit", "draft"): ("=", "=", "=", "=", True),
        ("publish", "submitted"): (True, True, "+", None, None),
        ("publish", "withdrawn"): (True, True, "+", None, None),
        ("return_", "published"): ("=", "=", "=", "=", None),
        ("renew", "expired"): (True, True, "+", None, None),
        ("renew", "published"): (True, True, "+", None, "="),
        ("confirm", "published"): ("=", True, "=", "=", "="),
        ("fill", "published"): ("=", "=", "=", True, None),
        ("withdraw", "published"): ("=", "=", "=", True, None),
        ("withdraw", "submitted"): (None, "=", "=", True, None),
        ("withdraw", "draft"): (None, "=", "=", True, None),
        ("reopen", "submitted"): ("=", "=", "=", None, None),
        ("reopen", "filled"): ("=", "=", "=", None, None),
        ("remove", "published"): ("=", "=", "=", True, None),
        ("remove", "returned"): (None, "=", "=", True, None),
        ("restore", "removed"): ("=", "=", "=", None, None),
        ("accept", "published"): ("=", "=", "=", "=", None),
        ("decline", "published"): ("=", "=", "=", "=", None),
        ("propose", "published"): ("=", "=", "=", "=", None),  # A change by a moderator is applied at once.
    }
    failures = []
    for (verb, status), expected in table.items():
        offer = load(make_overdue_offer(status, company).pk)
        before = {name: getattr(offer, name) for name in names}
        apply_verb(offer, verb, moderator)
        instance, stored = offer, load(offer.pk)
        for name, written in zip(names, expected, strict=True):
            value = getattr(stored, name)
            if value != getattr(instance, name):
                failures.append(f"{verb} from {status}: {name} differs between instance and row")
            matches = {
                True: value and now <= value <= timezone.now(),
                None: value is None,
                "=": value == before[name],
                "+": value and value == end_of_day(local_date(now) + timedelta(days=60)),
            }[written]
            if not matches:
                failures.append(f"{verb} from {status}: {name} is {value}, was {before[name]}")
    assert not failures, "\n".join(failures)


def test_offer_expires_at_expires_at_and_not_before():
    offer = make_offer()
    with pytest.raises(TransitionRefused):
        offer.expire(at=offer.expires_at - timedelta(seconds=1))
    offer.expire(at=offer.expires_at)
    assert (offer.status, offer.closed_at) == (OfferStatus.EXPIRED, offer.expires_at)


# History: the request for the publication (article L5331-3), the company for which staff acted, the published version

REQUESTS = {"submit", "publish", "renew", "propose", "amend"}
PUBLISHES = {"publish", "accept", "amend"}
FOR_THE_COMPANY = {"submit", "renew", "confirm", "fill", "withdraw", "reopen", "amend"}


def test_event_of_each_verb_records_request_company_and_version():
    company = make_company(trusted=True)
    actors = make_actors(company)
    member, earlier = actors["an owner, trusted"], make_member(company).user
    long_ago = timezone.now() - timedelta(days=90)
    for verb, (sources, _) in VERBS.items():
        for status in sources.split():
            for name in ("an owner, trusted", "staff with both"):
                if verb not in ACTORS[name][0].split() or verb == "propose":
                    continue
                offer, by, case = load(make_overdue_offer(status, company).pk), actors[name], (verb, status, name)
                asked = {"requested_at": long_ago, "requested_by": earlier, "request_source": "par lettre"}
                before = {"verb": "submit", "before": "draft", "after": "submitted", "role": "member", "at": long_ago}
                offer.events.create(**before, **asked)
                apply_verb(offer, verb, by)
                event = offer.events.first()
                is_team = name == "staff with both"
                is_request = verb in REQUESTS and not is_team
                if is_request:
                    expected = (event.at, member, "")
                elif verb in PUBLISHES:
                    expected = (long_ago, earlier, "par lettre")  # The request for the version that is published.
                else:
                    expected = (None, None, "")
                assert (event.requested_at, event.requested_by, event.request_source) == expected, case
                for_company = verb in FOR_THE_COMPANY or (verb == "publish" and status != "submitted")
                assert event.on_behalf_of == (company if is_team and for_company else None), case
                assert (event.version is not None) == (verb in PUBLISHES), case
                assert event.reason == ("Motif." if verb in NEED_REASON else ""), case


# Mails


def test_only_decisions_of_the_team_queue_a_mail():
    company = make_company()
    actors = make_actors(company)
    for name in ("the site itself", "an owner, trusted", "staff with change_offer", "staff with both"):
        type(company).objects.filter(pk=company.pk).update(trusted=name.endswith("trusted"))
        for verb in set(ACTORS[name][0].split()) - {"propose"}:
            for status in VERBS[verb][0].split():
                offer = load(make_overdue_offer(status, company).pk)
                apply_verb(offer, verb, actors[name])
                mails = list(OutboxMessage.objects.values_list("kind", "context"))
                decided = name == "staff with both" and verb in DECISIONS
                expected = [("moderation.decision", {"event": offer.events.get().pk})] if decided else []
                assert mails == expected, (verb, status, name)
                OutboxMessage.objects.all().delete()
