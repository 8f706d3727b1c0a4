from django.db import models


class Contract(models.TextChoices):
    CDI = "cdi", "CDI"
    CDD = "cdd", "CDD"
    FREELANCE = "freelance", "Freelance"
    TEMP = "interim", "Intérim"
    INTERNSHIP = "stage", "Stage"
    APPRENTICESHIP = "alternance", "Alternance"


class WorkLanguage(models.TextChoices):
    """The language that the team works in; offers may leave it out."""

    FRENCH = "fr", "Français"
    ENGLISH = "en", "Anglais"
    BOTH = "fr-en", "Français et anglais"

    __empty__ = "Non précisée"


class EmployerKind(models.TextChoices):
    """Who would sign the contract, or finds who does (L5332-3 asks that temp agencies be named as such)."""

    DIRECT = "direct", "Employeur direct"
    IT_SERVICES = "esn", "ESN"
    RECRUITER = "cabinet", "Cabinet de recrutement"
    TEMP_AGENCY = "interim", "Agence d’intérim"


class Status(models.TextChoices):
    """Of an offer; which may follow which stands in `offers/models/transitions.py`."""

    DRAFT = "draft", "brouillon"
    SUBMITTED = "submitted", "à relire"
    RETURNED = "returned", "à corriger"
    PUBLISHED = "published", "publiée"
    FILLED = "filled", "pourvue"
    EXPIRED = "expired", "expirée"
    WITHDRAWN = "withdrawn", "retirée"
    REMOVED = "removed", "supprimée"


class ActorRole(models.TextChoices):
    """In what quality somebody changed an offer; it stays in the history when the person’s account has gone."""

    MEMBER = "member", "l’entreprise"
    TEAM = "team", "l’équipe du site"
    SYSTEM = "system", "le site"


class RevisionStatus(models.TextChoices):
    """Of a change that is proposed to an offer that is out."""

    WAITING = "waiting", "à relire"
    APPLIED = "applied", "acceptée"
    DECLINED = "declined", "refusée"
    DROPPED = "dropped", "abandonnée"
