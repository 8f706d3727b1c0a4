from django.db import models


class ApplicationStatus(models.TextChoices):
    RECEIVED = "received", "reçue"
    SEEN = "seen", "vue"
    DISCUSSION = "discussion", "en discussion"
    DECLINED = "declined", "non retenue"
    HIRED = "hired", "embauche"
    WITHDRAWN = "withdrawn", "retirée"


class CvState(models.TextChoices):
    """The result of the safety check of a file. Only a safe or a flagged one can be opened."""

    WAITING = "waiting", "en cours de vérification"
    SAFE = "safe", "vérifié"
    FLAGGED = "flagged", "à ouvrir avec prudence"
    REFUSED = "refused", "refusé"
