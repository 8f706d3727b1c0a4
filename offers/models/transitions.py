"""The life of an offer: which verb leads from where to where, who may, and whether a reason has to be given.

The one table. Every change of status goes through a verb of Offer, every verb asks this table, and what pages offer as
buttons is read from it too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from offers.enums import ActorRole, Status


class TransitionRefused(Exception):
    """The offer's status does not allow the change, or somebody has just changed it; the message is for people."""


class NotAllowed(TransitionRefused):
    """Whoever acts has not the right to."""


# Who acts: a user, or None for the site itself (a command, a scheduled run).


def is_system(by, offer) -> bool:
    return by is None


def is_member(by, offer) -> bool:
    """Works for the company of the offer."""
    return by is not None and bool(offer.company_id) and offer.company.memberships.filter(user=by).exists()


def is_trusted_member(by, offer) -> bool:
    """Works for it, and it may publish without being read first."""
    return bool(offer.company_id) and offer.company.trusted and is_member(by, offer)


def is_staff(by, offer) -> bool:
    """Of the team, acting for the company."""
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
    # Whether the company is written to when the team does it.
    is_decision: bool = False
    # Whether it is for the company to do: who of the team does it acts for the company, and the record says so.
    is_companys: bool = False

    def role_of(self, by, offer) -> ActorRole | None:
        """In what quality `by` may do it; None for who may not. A member is one, whatever else they are."""
        ranked = sorted(self.who, key=lambda may: _ROLES[may] != ActorRole.MEMBER)
        return next((_ROLES[may] for may in ranked if may(by, offer)), None)


def _from(*sources: Status) -> frozenset[Status]:
    return frozenset(sources)


_COMPANY = (is_member, is_staff, is_moderator, is_system)
_PUBLISHERS = (is_trusted_member, is_moderator, is_system)
_S = Status
TRANSITIONS: dict[str, Transition] = {
    "submit": Transition("Soumettre", _from(_S.DRAFT, _S.RETURNED), _S.SUBMITTED, _COMPANY, is_companys=True),
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
    # What has been read once comes back as it was: nobody can edit it while it is expired.
    "renew": Transition("Renouveler", _from(_S.PUBLISHED, _S.EXPIRED), _S.PUBLISHED, _COMPANY, is_companys=True),
    "confirm": Transition("Confirmer", _from(_S.PUBLISHED), _S.PUBLISHED, _COMPANY, is_companys=True),
    "fill": Transition("Marquer pourvue", _from(_S.PUBLISHED, _S.EXPIRED), _S.FILLED, _COMPANY, is_companys=True),
    "withdraw": Transition(
        "Retirer",
        _from(_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.PUBLISHED, _S.EXPIRED),
        _S.WITHDRAWN,
        _COMPANY,
        is_companys=True,
    ),
    # Back among the drafts, to be edited; what was waiting is taken back.
    "reopen": Transition(
        "Reprendre en brouillon",
        _from(_S.SUBMITTED, _S.FILLED, _S.EXPIRED, _S.WITHDRAWN),
        _S.DRAFT,
        _COMPANY,
        is_companys=True,
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
    # Of an offer that is out: a change is proposed, or made at once by who may publish; the moderator accepts or not.
    "propose": Transition("Proposer un changement", _from(_S.PUBLISHED), _S.PUBLISHED, _COMPANY, is_companys=True),
    "amend": Transition("Modifier", _from(_S.PUBLISHED), _S.PUBLISHED, _PUBLISHERS, is_companys=True),
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
    """The verbs that `by` may use on the offer as it is, in the order of the table."""
    return [
        verb
        for verb, transition in TRANSITIONS.items()
        if offer.status in transition.sources and transition.role_of(by, offer)
    ]
