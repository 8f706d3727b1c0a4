"""The state machine of offers: source and target statuses of each verb, permitted actors, and required reasons.

Every status change is made by a verb of Offer, every verb checks this table, and templates render its buttons from it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from offers.enums import ActorRole, OfferStatus


class TransitionRefused(Exception):
    """The status does not allow the transition, or another user has changed it. The message is in French, for users."""


class NotAllowed(TransitionRefused):
    """The user has no permission for the transition."""


# Predicates on the acting user, None for the site itself (a command, a scheduled task).


def is_system(by, offer) -> bool:
    return by is None


def is_member(by, offer) -> bool:
    """Return whether the user is a member of the company of the offer."""
    return by is not None and bool(offer.company_id) and offer.company.memberships.filter(user=by).exists()


def is_trusted_member(by, offer) -> bool:
    """Return whether the user is a member of a company that may publish without moderation."""
    return bool(offer.company_id) and offer.company.trusted and is_member(by, offer)


def is_staff(by, offer) -> bool:
    """Return whether the user is staff with permission to act for companies."""
    return by is not None and by.is_staff and by.has_perm("offers.change_offer")


def is_moderator(by, offer) -> bool:
    return by is not None and by.is_staff and by.has_perm("offers.moderate_offer")


_ROLES = {
    is_system: ActorRole.SYSTEM,
    is_moderator: ActorRole.TEAM,
    is_staff: ActorRole.TEAM,
    is_trusted_member: ActorRole.MEMBER,
    is_member: ActorRole.MEMBER,
}
Predicate = Callable[[object, object], bool]


@dataclass(frozen=True)
class Transition:
    # The label of the button.
    label: str
    sources: frozenset[OfferStatus]
    target: OfferStatus
    # Predicates of the users with permission; one of them has to hold.
    actors: tuple[Predicate, ...]
    needs_reason: bool = False
    # Whether a mail notifies the company when staff use the verb.
    is_decision: bool = False
    # Whether staff use the verb on behalf of the company, which the event then records.
    is_company_action: bool = False
    # Roles that may use the verb for a text in which the wording check found errors, with a justification. No company
    # publishes such a text by itself.
    justified_by: frozenset[ActorRole] = frozenset()

    def acting_role(self, by, offer, *, justified: bool = False) -> ActorRole | None:
        """Return the role in which `by` uses the verb, or None without permission.

        For a text that needs a justification (`justified`), only roles count that may give one. The role MEMBER takes
        precedence for a member who is also staff.
        """
        actors = [each for each in self.actors if not justified or _ROLES[each] in self.justified_by]
        ranked = sorted(actors, key=lambda predicate: _ROLES[predicate] != ActorRole.MEMBER)
        return next((_ROLES[predicate] for predicate in ranked if predicate(by, offer)), None)

    def is_open_to(self, by, offer, *, justified: bool = False) -> bool:
        """Return whether `by` may use the verb, for a text that needs a justification if `justified`."""
        return self.acting_role(by, offer, justified=justified) is not None


def _from(*sources: OfferStatus) -> frozenset[OfferStatus]:
    return frozenset(sources)


_COMPANY = (is_member, is_staff, is_moderator, is_system)
_PUBLISHERS = (is_trusted_member, is_moderator, is_system)
# The verbs after which a moderator reads the text.
_READ_BY_MODERATORS = frozenset({ActorRole.MEMBER, ActorRole.TEAM})
_S = OfferStatus
TRANSITIONS: dict[str, Transition] = {
    "submit": Transition(
        "Soumettre",
        _from(_S.DRAFT, _S.RETURNED),
        _S.SUBMITTED,
        _COMPANY,
        is_company_action=True,
        justified_by=_READ_BY_MODERATORS,
    ),
    # From “submitted”: the approval by a moderator.
    "publish": Transition(
        "Publier",
        _from(_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.FILLED, _S.EXPIRED, _S.WITHDRAWN),
        _S.PUBLISHED,
        _PUBLISHERS,
        is_decision=True,
        justified_by=frozenset({ActorRole.TEAM}),
    ),
    "return_": Transition(
        "Renvoyer",
        _from(_S.SUBMITTED, _S.PUBLISHED),
        _S.RETURNED,
        (is_moderator,),
        needs_reason=True,
        is_decision=True,
    ),
    # Without moderation: an expired offer cannot be edited, so its text has been moderated already.
    "renew": Transition("Renouveler", _from(_S.PUBLISHED, _S.EXPIRED), _S.PUBLISHED, _COMPANY, is_company_action=True),
    "confirm": Transition("Confirmer", _from(_S.PUBLISHED), _S.PUBLISHED, _COMPANY, is_company_action=True),
    "fill": Transition("Marquer pourvue", _from(_S.PUBLISHED, _S.EXPIRED), _S.FILLED, _COMPANY, is_company_action=True),
    "withdraw": Transition(
        "Retirer",
        _from(_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.PUBLISHED, _S.EXPIRED),
        _S.WITHDRAWN,
        _COMPANY,
        is_company_action=True,
    ),
    # Makes the offer editable again, and drops the waiting revision.
    "reopen": Transition(
        "Reprendre en brouillon",
        _from(_S.SUBMITTED, _S.FILLED, _S.EXPIRED, _S.WITHDRAWN),
        _S.DRAFT,
        _COMPANY,
        is_company_action=True,
    ),
    "expire": Transition("Faire expirer", _from(_S.PUBLISHED), _S.EXPIRED, (is_system,)),
    "remove": Transition(
        "Supprimer du site",
        _from(*(status for status in OfferStatus if status not in (_S.DRAFT, _S.REMOVED))),
        _S.REMOVED,
        (is_moderator,),
        needs_reason=True,
        is_decision=True,
    ),
    "restore": Transition("Rétablir en brouillon", _from(_S.REMOVED), _S.DRAFT, (is_moderator,), needs_reason=True),
    # Changes of a published offer: proposed and moderated, or applied immediately by a publisher.
    "propose": Transition(
        "Proposer un changement",
        _from(_S.PUBLISHED),
        _S.PUBLISHED,
        _COMPANY,
        is_company_action=True,
        justified_by=_READ_BY_MODERATORS,
    ),
    "amend": Transition("Modifier", _from(_S.PUBLISHED), _S.PUBLISHED, _PUBLISHERS, is_company_action=True),
    "accept": Transition(
        "Accepter le changement", _from(_S.PUBLISHED), _S.PUBLISHED, (is_moderator,), is_decision=True
    ),
    "decline": Transition(
        "Refuser le changement",
        _from(_S.PUBLISHED),
        _S.PUBLISHED,
        (is_moderator,),
        needs_reason=True,
        is_decision=True,
    ),
}


def allowed(offer, by) -> list[str]:
    """Return the verbs that `by` can use on the offer in its current status, in the order of the table."""
    return [
        verb
        for verb, transition in TRANSITIONS.items()
        if offer.status in transition.sources and transition.acting_role(by, offer)
    ]
