from django.db import models


class ContactSubject(models.TextChoices):
    """The subject of a contact request. The values are those of `?sujet=` in links to the form."""

    RECRUITER = "recruteur", "je recrute"
    APPLICATION = "candidature", "candidature ou recherche d’emploi"
    OFFER = "offre", "offre publiée sur le site"
    ACCOUNT = "compte", "compte sur le site"
    PERSONAL_DATA = "donnees", "données personnelles"
    ACCESSIBILITY = "accessibilite", "accessibilité"
    PRESS = "presse", "presse"
    OTHER = "autre", "autre sujet"


class LeadStatus(models.TextChoices):
    NEW = "new", "nouvelle"
    CONTACTED = "contacted", "contactée"
    HANDLED = "handled", "traitée"
    # Of recruiters only.
    QUALIFIED = "qualified", "qualifiée"
    WON = "won", "gagnée"
    LOST = "lost", "perdue"


SALES_STATUSES = (LeadStatus.QUALIFIED, LeadStatus.WON, LeadStatus.LOST)
