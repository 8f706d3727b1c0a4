"""Personal data of reminders to recruiters."""

from jobboard.accounts.personal import ACCOUNTS, AS_LONG_AS_THE_ACCOUNT
from jobboard.privacy.processing import declare_data
from jobboard.privacy.registry import exempt_model

declare_data(ACCOUNTS, "Relances sur les offres d’une entreprise", lambda: AS_LONG_AS_THE_ACCOUNT)
exempt_model("posting.Reminder", "une relance à une personne d’une entreprise\u00a0: effacée avec son compte")
