"""The state machine of offers: the source and target statuses of each verb, who may use it, whether it needs a reason.

Every change of status goes through a verb of Offer, every verb checks this table, and templates read it for buttons.
"""

from collections.abc import Callable
from dataclasses import dataclass

from offers.enums import ActorRole, Status


class TransitionRefused(Exception):
    """The status does not allow the transition, or has just been changed by another user. The message is for users."""


class NotAllowed(TransitionRefused):
    """The user has no permission for the transition."""


# Predicates on the user who acts, None for the site itself (a command, a scheduled task).


def is_system(by, offer) -> bool:
    return by is None


def is_member(by, offer) -> bool:
    """Return whether the user is a member of the company of the offer."""
    return by is not None and bool(offer.company_id) and offer.company.memberships.filter(user=by).exists()


def is_trusted_member(by, offer) -> bool:
    """Return whether the user is a member of a company that may publish without moderation."""
    return bool(offer.company_id) and offer.company.trusted and is_member(by, offer)


def is_staff(by, offer) -> bool:
    """Return whether the user is staff, who act for companies."""
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
    label: str  # of a button
    sources: frozenset[Status]
    target: Status
    who: tuple[Predicate, ...]
    needs_reason: bool = False
    # Whether the company gets a mail when the team uses the verb.
    is_decision: bool = False
    # Whether the verb is the company's own: when the team uses it, the event records on whose behalf.
    is_company_action: bool = False

    def acting_role(self, by, offer) -> ActorRole | None:
        """Return the role in which `by` may use the verb, None without permission.

        A member acts as one, also a member who is staff.
        """
        ranked = sorted(self.who, key=lambda may: _ROLES[may] != ActorRole.MEMBER)
        return next((_ROLES[may] for may in ranked if may(by, offer)), None)


def _from(*sources: Status) -> frozenset[Status]:
    return frozenset(sources)


_COMPANY = (is_member, is_staff, is_moderator, is_system)
_PUBLISHERS = (is_trusted_member, is_moderator, is_system)
_S = Status
TRANSITIONS: dict[str, Transition] = {
    "submit": Transition("Soumettre", _from(_S.DRAFT, _S.RETURNED), _S.SUBMITTED, _COMPANY, is_company_action=True),
    # From “submitted” this is the moderator's approval.
    "publish": Transition(
        "Publier",
        _from(_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.FILLED, _S.EXPIRED, _S.WITHDRAWN),
        _S.PUBLISHED,
        _PUBLISHERS,
        is_decision=True,
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
    # Back to a draft, which can be edited; drops the waiting revision.
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
        _from(*(status for status in Status if status not in (_S.DRAFT, _S.REMOVED))),
        _S.REMOVED,
        (is_moderator,),
        needs_reason=True,
        is_decision=True,
    ),
    "restore": Transition("Rétablir en brouillon", _from(_S.REMOVED), _S.DRAFT, (is_moderator,), needs_reason=True),
    # Changes of a published offer: proposed and then moderated, or made at once by a publisher.
    "propose": Transition(
        "Proposer un changement", _from(_S.PUBLISHED), _S.PUBLISHED, _COMPANY, is_company_action=True
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
    """Return the verbs that `by` may use on the offer in its current status, in the order of the table."""
    return [
        verb
        for verb, transition in TRANSITIONS.items()
        if offer.status in transition.sources and transition.acting_role(by, offer)
    ]
