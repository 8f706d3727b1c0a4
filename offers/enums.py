from django.db import models


class Contract(models.TextChoices):
    CDI = "cdi", "CDI"
    CDD = "cdd", "CDD"
    FREELANCE = "freelance", "Freelance"
    TEMP = "interim", "Intérim"
    INTERNSHIP = "stage", "Stage"
    APPRENTICESHIP = "alternance", "Alternance"


class EmployerKind(models.TextChoices):
    """Who would sign the contract, or finds who does (L5332-3 asks that temp agencies be named as such)."""

    DIRECT = "direct", "Employeur direct"
    IT_SERVICES = "esn", "ESN"
    RECRUITER = "cabinet", "Cabinet de recrutement"
    TEMP_AGENCY = "interim", "Agence d’intérim"


class CompanySize(models.TextChoices):
    MICRO = "1-9", "Moins de 10 personnes"
    SMALL = "10-49", "10 à 49 personnes"
    MEDIUM = "50-249", "50 à 249 personnes"
    LARGE = "250-4999", "250 à 4 999 personnes"
    VERY_LARGE = "5000", "5 000 personnes et plus"


class MemberRole(models.TextChoices):
    """What a member may do: both work on offers, an owner also decides who belongs to the company."""

    OWNER = "owner", "propriétaire"
    RECRUITER = "recruiter", "recrutement"


class RequestStatus(models.TextChoices):
    """Of somebody who asks to join a company."""

    WAITING = "waiting", "en attente"
    ACCEPTED = "accepted", "acceptée"
    DECLINED = "declined", "refusée"


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


class CompanyChange(models.TextChoices):
    """What curators decide of a company."""

    TRUSTED = "trusted", "publie sans relecture"
    UNTRUSTED = "untrusted", "est relue avant de publier"
    VERIFIED = "verified", "vérifiée"
    UNVERIFIED = "unverified", "vérification retirée"


class ApplicationStatus(models.TextChoices):
    RECEIVED = "received", "reçue"
    SEEN = "seen", "vue"
    DISCUSSION = "discussion", "en discussion"
    DECLINED = "declined", "non retenue"
    HIRED = "hired", "embauche"
    WITHDRAWN = "withdrawn", "retirée"


class CvState(models.TextChoices):
    """What is known of a file. Nobody opens it before it has been looked at."""

    WAITING = "waiting", "en cours de vérification"
    SAFE = "safe", "vérifié"
    FLAGGED = "flagged", "à ouvrir avec prudence"
    REFUSED = "refused", "refusé"


class ReportReason(models.TextChoices):
    """Why somebody reports an offer (DSA, article 16)."""

    FRAUD = "fraud", "Elle est fausse, ou c’est une escroquerie"
    MONEY = "money", "Elle demande de l’argent"
    DISCRIMINATION = "discrimination", "Elle discrimine"
    PERSONAL_DATA = "personal", "Elle expose des données personnelles"
    ILLEGAL = "illegal", "Elle est illégale pour une autre raison"
    CLOSED = "closed", "Le poste est déjà pourvu ou n’existe plus"
    OTHER = "other", "Autre chose"


class ReportDecision(models.TextChoices):
    NONE = "none", "rien à corriger"
    CORRECT = "correct", "offre à corriger"
    REMOVE = "remove", "offre supprimée"
