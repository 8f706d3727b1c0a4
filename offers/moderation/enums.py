from django.db import models


class ReportReason(models.TextChoices):
    """Reasons for reporting an offer (DSA, article 16)."""

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
