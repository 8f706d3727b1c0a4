"""Personal data of reminders to recruiters."""

from jobboard.privacy.registry import exempt_model

exempt_model("posting.Reminder", "une relance à une personne d’une entreprise\u00a0: effacée avec son compte")
