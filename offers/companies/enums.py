from django.db import models


class CompanySize(models.TextChoices):
    MICRO = "1-9", "Moins de 10 personnes"
    SMALL = "10-49", "10 à 49 personnes"
    MEDIUM = "50-249", "50 à 249 personnes"
    LARGE = "250-4999", "250 à 4 999 personnes"
    VERY_LARGE = "5000", "5 000 personnes et plus"


class MemberRole(models.TextChoices):
    """Both roles manage offers and applications; owners also manage the members."""

    OWNER = "owner", "propriétaire"
    RECRUITER = "recruiter", "recrutement"


class RequestStatus(models.TextChoices):
    """Status of a request to join a company."""

    WAITING = "waiting", "en attente"
    ACCEPTED = "accepted", "acceptée"
    DECLINED = "declined", "refusée"


class CompanyChange(models.TextChoices):
    """Decisions of curators about a company, and changes that curators have to know."""

    TRUSTED = "trusted", "publie sans relecture"
    UNTRUSTED = "untrusted", "est relue avant de publier"
    VERIFIED = "verified", "vérifiée"
    UNVERIFIED = "unverified", "vérification retirée"
    RENAMED = "renamed", "renommée"
