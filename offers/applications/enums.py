from django.db import models


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
