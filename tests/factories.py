"""Functions that create rows for tests; every argument has a default."""

import itertools
import uuid
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from careers.models import Role
from jobboard.accounts.models import User
from jobboard.contact.enums import ContactSubject
from jobboard.contact.models import Lead
from jobboard.mail.models import OutboxMessage
from offers.alerts.models import Alert
from offers.applications.enums import CvState
from offers.applications.models import Application
from offers.applications.models.application import DECIDED
from offers.companies.enums import MemberRole
from offers.companies.models import Company, Invitation, Membership
from offers.enums import Contract, OfferStatus
from offers.models import Offer, Skill, SkillAlias
from offers.moderation.models import Report
from offers.places.models import Place, PostalCode

_counter = itertools.count(1)

LYON = {
    "insee_code": "69123", "name": "Lyon", "department": "69", "region": "84", "population": 522_250,
    "latitude": 45.75801, "longitude": 4.83507, "zone": "grandes-villes", "postal_codes": ["69001", "69002"],
}  # fmt: skip
PARIS = {
    "insee_code": "75056", "name": "Paris", "department": "75", "region": "11", "population": 2_133_111,
    "latitude": 48.8566, "longitude": 2.3522, "zone": "paris", "postal_codes": ["75001", "75011"],
}  # fmt: skip
VILLEURBANNE = {
    "insee_code": "69266", "name": "Villeurbanne", "department": "69", "region": "84", "population": 156_928,
    "latitude": 45.76667, "longitude": 4.88333, "zone": "grandes-villes", "postal_codes": ["69100"],
}  # fmt: skip
GRENOBLE = {
    "insee_code": "38185", "name": "Grenoble", "department": "38", "region": "84", "population": 157_477,
    "latitude": 45.17869, "longitude": 5.71479, "zone": "regions", "postal_codes": ["38000", "38100"],
}  # fmt: skip


def make_user(confirmed=True, **fields) -> User:
    fields.setdefault("email", f"personne{next(_counter)}@example.org")
    user = User.objects.create_user(**{"password": "motdepasse-d-essai", **fields})
    if confirmed:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_role(**fields) -> Role:
    index = next(_counter)
    return Role.objects.create(
        **{
            "slug": f"metier-{index}",
            "name": f"Métier {index}",
            "summary": "Une phrase.",
            "status": Role.Status.PUBLISHED,
            **fields,
        }
    )


def make_place(**fields) -> Place:
    """Return the commune with these values, Lyon by default; it is created if it does not exist."""
    values = {**LYON, **fields}
    codes = values.pop("postal_codes")
    place, created = Place.objects.get_or_create(insee_code=values.pop("insee_code"), defaults=values)
    if created:
        PostalCode.objects.bulk_create(PostalCode(place=place, code=code) for code in codes)
    return place


def make_company(**fields) -> Company:
    return Company.objects.create(**{"name": f"Entreprise {next(_counter)}", **fields})


def make_member(company=None, user=None, role=MemberRole.OWNER) -> Membership:
    """Create a membership, by default of a new user as the owner of a new company."""
    return Membership.objects.create(company=company or make_company(), user=user or make_user(), role=role)


def make_invitation(company=None, **fields) -> Invitation:
    """Create an invitation, by default sent by an owner of the company."""
    company = company or make_company()
    if "invited_by" not in fields:
        owner = company.memberships.filter(role=MemberRole.OWNER).first() or make_member(company)
        fields["invited_by"] = owner.user
    fields.setdefault("email", f"invitee{next(_counter)}@example.org")
    return Invitation.objects.create(company=company, **fields)


def make_skill(name=None, aliases=(), **fields) -> Skill:
    skill = Skill.objects.create(name=name or f"Compétence {next(_counter)}", **fields)
    for alias in aliases:
        SkillAlias.objects.create(skill=skill, name=alias)
    return skill


def make_offer(skills=(), age=timedelta(hours=1), **fields) -> Offer:
    """Create an offer, by default published `age` ago, in Lyon, of a new company."""
    now = timezone.now()
    fields.setdefault("published_at", now - age)
    fields.setdefault("expires_at", max(now, fields["published_at"] or now) + timedelta(days=60))
    if fields.get("status") == OfferStatus.SUBMITTED:
        fields.setdefault("waiting_since", now)
    if not fields.get("confidential"):
        fields.setdefault("company", None)
        fields["company"] = fields["company"] or make_company()
    if not fields.get("fully_remote"):
        fields.setdefault("place", None)
        fields["place"] = fields["place"] or make_place()
    else:
        fields["remote_days"] = 5
    offer = Offer.objects.create(
        **{"title": f"Offre {next(_counter)}", "contract": Contract.CDI, "status": OfferStatus.PUBLISHED, **fields}
    )
    offer.skills.set(skills)
    return offer


def make_lead(**fields) -> Lead:
    index = next(_counter)
    return Lead.objects.create(
        **{
            "subject": ContactSubject.RECRUITER,
            "name": f"Recruteuse {index}",
            "company": f"Entreprise {index}",
            "email": f"recruteuse{index}@example.org",
            "message": "Bonjour, je recrute.",
            **fields,
        }
    )


def make_outbox_message(kind="contact.notification", **fields) -> OutboxMessage:
    """Create a message that is due, by default about a lead that does not exist."""
    return OutboxMessage.objects.create(
        **{"kind": kind, "key": f"{kind}:{next(_counter)}", "context": {"lead": 0}, **fields}
    )


def make_application(**fields) -> Application:
    """Create an application, by default to a new offer, with a checked CV whose file does not exist.

    A decided one was decided at its last contact.
    """
    index = next(_counter)
    if fields.get("status") in DECIDED:
        fields.setdefault("decided_at", fields.setdefault("last_contact_at", timezone.now()))
    fields.setdefault("offer", None)
    fields["offer"] = fields["offer"] or make_offer()
    return Application.objects.create(
        **{
            "name": f"Candidate {index}",
            "email": f"candidate{index}@example.org",
            "message": "Bonjour, voici ma candidature.",
            "cv": f"cv/00/{index:032x}.pdf",
            "cv_name": "CV.pdf",
            "cv_state": CvState.SAFE,
            **fields,
        }
    )


def make_alert(**fields) -> Alert:
    """Create an alert, by default for all offers, confirmed a day ago and due now; `query` as in alerts.saved."""
    now = timezone.now()
    created_at = fields.setdefault("created_at", now - timedelta(days=1))
    return Alert.objects.create(
        **{
            "email": f"personne{next(_counter)}@example.org",
            "label": "toutes les offres",
            "confirmed_at": created_at,
            "follows_from": created_at,
            "covered_until": created_at,
            "due_at": now,
            **fields,
        }
    )


def make_report(**fields) -> Report:
    index = next(_counter)
    fields.setdefault("offer", None)
    fields["offer"] = fields["offer"] or make_offer()
    return Report.objects.create(
        **{
            "reason": "fraud",
            "explanation": "Bonjour, cette offre est fausse.",
            "email": f"temoin{index}@example.org",
            "submission": uuid.uuid4(),
            **fields,
        }
    )
