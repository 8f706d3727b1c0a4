"""Every verb of an offer, in every status, by every kind of actor, and on stale copies: tables written out here."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from offers.companies.enums import MemberRole
from offers.enums import ActorRole, OfferStatus, RevisionStatus
from offers.models import Offer, OfferEvent, TransitionRefused
from offers.models.transitions import TRANSITIONS, NotAllowed, allowed
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db

# The statuses that each verb leads from, and the one that it leads to.
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
# The verbs of each kind of actor, and the role that the history gives them.
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
    # In what a member may do they are one, in TEAM_ONLY of the team.
    "a member who is a moderator": (f"{COMPANY} {PUBLISHING} {MODERATION}", ActorRole.MEMBER),
}
TEAM_ONLY = {*PUBLISHING.split(), *MODERATION.split()}
DECISIONS = {"publish", "return_", "remove", "accept", "decline"}
NEED_REASON = {"return_", "remove", "restore", "decline"}


def make_staff(*codenames, is_staff=True):
    user = make_user(is_staff=is_staff)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


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
        "a superuser": make_user(is_staff=True, is_superuser=True),
        "permissions without staff": make_staff("change_offer", "moderate_offer", is_staff=False),
        "a member who is a moderator": moderator,
    }


def make_in(status, company) -> Offer:
    """An offer in that status; a published one is over by the clock and has a change waiting."""
    now = timezone.now()
    closed = {"filled", "expired", "withdrawn", "removed"}
    offer = make_offer(
        status=status,
        company=company,
        published_at=now - timedelta(days=61),
        expires_at=now - timedelta(days=1),
        **({"closed_at": now} if status in closed else {}),
    )
    if status == "published":
        offer.revisions.create(changes={"title": "Un autre titre"}, created_at=now)
        Offer.objects.filter(pk=offer.pk).update(waiting_since=now)
    return offer


def do(offer, verb, by):
    if verb == "expire":
        return offer.expire()
    if verb == "propose":
        return offer.propose({"title": "Encore un autre"}, by)
    return getattr(offer, verb)(by, *(["Motif."] if verb in NEED_REASON else []))


def load(pk) -> Offer:
    return Offer.objects.select_related("company").get(pk=pk)


def test_the_table_names_every_verb_and_every_status():
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
    offer = make_in(status, company)
    wrong = []
    for name, by in make_actors(company).items():
        verbs, role = ACTORS[name]
        type(company).objects.filter(pk=company.pk).update(trusted=name.endswith(", trusted"))
        possible = {verb for verb in verbs.split() if status in VERBS[verb][0].split()}
        if (listed := set(allowed(load(offer.pk), by))) != possible:
            wrong.append(f"{name}: {sorted(listed ^ possible)} listed wrongly")
        for verb, (sources, target) in VERBS.items():
            # The scheduled run passes no actor.
            if verb == "expire" and by is not None:
                continue
            outcome, after, event = perform(offer, verb, by)
            if verb in {"accept", "decline"} and status != "published":
                expected = ("refused", status, None)  # No change waits, which is checked first.
            elif verb not in verbs.split():
                expected = ("not allowed", status, None)
            elif status not in sources.split():
                expected = ("refused", status, None)
            else:
                # By those who may publish, a proposed change is made at once.
                done = "amend" if verb == "propose" and "amend" in verbs.split() else verb
                quality = ActorRole.TEAM if name.endswith("a moderator") and done in TEAM_ONLY else role
                expected = ("done", target, (done, status, target, by and by.pk, quality))
            if (outcome, after, event) != expected:
                wrong.append(f"{verb} by {name}: {(outcome, after, event)}, not {expected}")
    assert not wrong, "\n".join(wrong)


def perform(offer, verb, by):
    """Return the outcome, the status and the event; undo everything."""
    with transaction.atomic():
        try:
            do(load(offer.pk), verb, by)
            outcome = "done"
        except NotAllowed:
            outcome = "not allowed"
        except TransitionRefused:
            outcome = "refused"
        after = Offer.objects.values_list("status", flat=True).get(pk=offer.pk)
        event = OfferEvent.objects.values_list("verb", "before", "after", "by", "role").first()
        transaction.set_rollback(True)
    return outcome, after, event


# Stale copies: the row has changed since it was loaded.


def change_status(offer):
    """Another status and back, as a correction by hand would leave it."""
    Offer.objects.filter(pk=offer.pk).update(status=offer.status, updated_at=offer.updated_at + timedelta(seconds=1))


def save_text(offer):
    other = load(offer.pk)
    other.description = "Un autre texte."
    other.save()


def transition_in_place(offer):
    load(offer.pk).confirm() if offer.status == "published" else save_text(offer)


def restore_copy(offer):
    """The row has an older text again, as after a restore of the database."""
    Offer.objects.filter(pk=offer.pk).update(updated_at=offer.updated_at - timedelta(seconds=1))


def delete(offer):
    Offer.objects.filter(pk=offer.pk).delete()


STALE = {each.__name__: each for each in (change_status, save_text, transition_in_place, restore_copy, delete)}


@pytest.mark.parametrize("how", STALE)
def test_every_verb_is_refused_to_a_stale_copy_with_the_same_status(how):
    company, moderator = make_company(), make_staff("moderate_offer")
    for verb, (sources, _) in VERBS.items():
        for status in sources.split():
            if how == "delete" and verb in {"propose", "accept", "decline"}:
                continue  # They read the row first.
            stale = load(make_in(status, company).pk)
            STALE[how](stale)
            stored = Offer.objects.filter(pk=stale.pk).values().first()
            with pytest.raises(TransitionRefused, match="rechargez la page"):
                do(stale, verb, None if verb == "expire" else moderator)
            assert Offer.objects.filter(pk=stale.pk).values().first() == stored, (verb, status)
            assert not OfferEvent.objects.filter(offer=stale.pk).exclude(verb="confirm").exists(), (verb, status)
            waiting = stale.revisions.filter(status=RevisionStatus.WAITING)
            assert waiting.exists() == (status == "published" and how != "delete"), (verb, status)


def test_a_copy_is_fresh_after_its_own_change():
    offer = load(make_in("published", make_company()).pk)
    for verb in ("confirm", "renew", "confirm", "fill", "reopen", "withdraw"):
        do(offer, verb, None)
    assert list(offer.events.order_by("pk").values_list("verb", flat=True)) == [
        *("confirm", "renew", "confirm", "fill", "reopen", "withdraw")
    ]


# What each verb writes beside the status


def test_the_dates_that_each_verb_writes(settings):
    settings.OFFER_LIFETIME_DAYS = 60
    company, moderator = make_company(), make_staff("moderate_offer")
    now = timezone.now()
    names = ("published_at", "confirmed_at", "expires_at", "closed_at", "waiting_since")
    # True: written now; None: emptied; "=": left as it was; "+": so many days ahead.
    table = {
        ("submit", "draft"): ("=", "=", "=", "=", True),
        ("publish", "submitted"): (True, True, "+", None, None),
        ("publish", "withdrawn"): (True, True, "+", None, None),
        ("return_", "published"): ("=", "=", "=", "=", None),
        ("renew", "expired"): (True, True, "+", None, None),
        ("renew", "published"): (True, True, "+", None, "="),
        ("confirm", "published"): ("=", True, "=", "=", "="),
        ("fill", "published"): ("=", "=", "=", True, None),
        ("withdraw", "submitted"): ("=", "=", "=", True, None),
        ("reopen", "submitted"): ("=", "=", "=", None, None),
        ("reopen", "filled"): ("=", "=", "=", None, None),
        ("remove", "published"): ("=", "=", "=", True, None),
        ("restore", "removed"): ("=", "=", "=", None, None),
        ("accept", "published"): ("=", "=", "=", "=", None),
        ("decline", "published"): ("=", "=", "=", "=", None),
        ("propose", "published"): ("=", "=", "=", "=", None),  # A moderator changes at once.
    }
    wrong = []
    for (verb, status), expected in table.items():
        offer = load(make_in(status, company).pk)
        before = {name: getattr(offer, name) for name in names}
        do(offer, verb, moderator)
        in_hand, stored = offer, load(offer.pk)
        for name, written in zip(names, expected, strict=True):
            value = getattr(stored, name)
            if value != getattr(in_hand, name):
                wrong.append(f"{verb} from {status}: {name} differs in hand")
            fits = {
                True: value and now <= value <= timezone.now(),
                None: value is None,
                "=": value == before[name],
                "+": value and now <= value - timedelta(days=60) <= timezone.now(),
            }[written]
            if not fits:
                wrong.append(f"{verb} from {status}: {name} is {value}, was {before[name]}")
    assert not wrong, "\n".join(wrong)


def test_an_offer_expires_at_its_time_and_not_before():
    offer = make_offer()
    with pytest.raises(TransitionRefused):
        offer.expire(at=offer.expires_at - timedelta(seconds=1))
    offer.expire(at=offer.expires_at)
    assert (offer.status, offer.closed_at) == (OfferStatus.EXPIRED, offer.expires_at)


# What the history keeps: who asked for the publication (L5331-3), for whom the team acted, and what was shown.

ASKING = {"submit", "publish", "renew", "propose", "amend"}
SHOWING = {"publish", "accept", "amend"}
FOR_THE_COMPANY = {"submit", "renew", "confirm", "fill", "withdraw", "reopen", "amend"}


def test_what_the_history_keeps_of_every_verb():
    company = make_company(trusted=True)
    actors = make_actors(company)
    member, earlier = actors["an owner, trusted"], make_member(company).user
    long_ago = timezone.now() - timedelta(days=90)
    for verb, (sources, _) in VERBS.items():
        for status in sources.split():
            for name in ("an owner, trusted", "staff with both"):
                if verb not in ACTORS[name][0].split() or verb == "propose":
                    continue
                offer, by, case = load(make_in(status, company).pk), actors[name], (verb, status, name)
                asked = {"requested_at": long_ago, "requested_by": earlier, "request_source": "par lettre"}
                before = {"verb": "submit", "before": "draft", "after": "submitted", "role": "member", "at": long_ago}
                offer.events.create(**before, **asked)
                do(offer, verb, by)
                event = offer.events.first()
                is_team = name == "staff with both"
                asks = verb in ASKING and not is_team
                if asks:
                    expected = (event.at, member, "")
                elif verb in SHOWING:
                    expected = (long_ago, earlier, "par lettre")  # Of the request for the version that is published.
                else:
                    expected = (None, None, "")
                assert (event.requested_at, event.requested_by, event.request_source) == expected, case
                for_company = verb in FOR_THE_COMPANY or (verb == "publish" and status != "submitted")
                assert event.on_behalf_of == (company if is_team and for_company else None), case
                assert (event.version is not None) == (verb in SHOWING), case
                assert event.reason == ("Motif." if verb in NEED_REASON else ""), case


# Mails


def test_the_decisions_of_the_team_are_mailed_and_nothing_else():
    company = make_company()
    actors = make_actors(company)
    for name in ("the site itself", "an owner, trusted", "staff with change_offer", "staff with both"):
        type(company).objects.filter(pk=company.pk).update(trusted=name.endswith("trusted"))
        for verb in set(ACTORS[name][0].split()) - {"propose"}:
            for status in VERBS[verb][0].split():
                offer = load(make_in(status, company).pk)
                do(offer, verb, actors[name])
                mails = list(OutboxMessage.objects.values_list("kind", "context"))
                decided = name == "staff with both" and verb in DECISIONS
                expected = [("moderation.decision", {"event": offer.events.get().pk})] if decided else []
                assert mails == expected, (verb, status, name)
                OutboxMessage.objects.all().delete()
