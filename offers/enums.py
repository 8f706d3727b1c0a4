from django.db import models


class Contract(models.TextChoices):
    CDI = "cdi", "CDI"
    CDD = "cdd", "CDD"
    FREELANCE = "freelance", "Freelance"
    TEMP = "interim", "Intérim"
    INTERNSHIP = "stage", "Stage"
    APPRENTICESHIP = "alternance", "Alternance"


class WorkLanguage(models.TextChoices):
    """The working language of the team; optional."""

    FRENCH = "fr", "Français"
    ENGLISH = "en", "Anglais"
    BOTH = "fr-en", "Français et anglais"

    __empty__ = "Non précisée"


class EmployerKind(models.TextChoices):
    """Kind of employer or intermediary. Code du travail, L5332-3: an offer must identify a temp agency as such."""

    DIRECT = "direct", "Employeur direct"
    IT_SERVICES = "esn", "ESN"
    RECRUITER = "cabinet", "Cabinet de recrutement"
    TEMP_AGENCY = "interim", "Agence d’intérim"


class OfferStatus(models.TextChoices):
    """Status of an offer; `offers/models/transitions.py` defines the transitions."""

    DRAFT = "draft", "brouillon"
    SUBMITTED = "submitted", "à relire"
    RETURNED = "returned", "à corriger"
    PUBLISHED = "published", "publiée"
    FILLED = "filled", "pourvue"
    EXPIRED = "expired", "expirée"
    WITHDRAWN = "withdrawn", "retirée"
    REMOVED = "removed", "supprimée"


class ActorRole(models.TextChoices):
    """Role of the user in an event. Events keep it when the account is deleted."""

    MEMBER = "member", "l’entreprise"
    TEAM = "team", "l’équipe du site"
    SYSTEM = "system", "le site"


class RevisionStatus(models.TextChoices):
    """Status of a revision: a proposed change of a published offer."""

    WAITING = "waiting", "à relire"
    APPLIED = "applied", "acceptée"
    DECLINED = "declined", "refusée"
    DROPPED = "dropped", "abandonnée"
