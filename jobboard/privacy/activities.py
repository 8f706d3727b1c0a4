from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class ProcessingActivity:
    """A processing activity, with the entries of article 30(1) GDPR that no data source contains: texts in French."""

    title: str
    purposes: str
    legal_basis: str
    people: str
    # Beside the team of the site and its processors.
    recipients: tuple[str, ...] = ()


SECURITY = ProcessingActivity(
    title="Sécurité et traçabilité",
    purposes="Protéger les comptes et les formulaires contre les abus\u00a0; savoir qui a agi dans l’administration.",
    legal_basis="Intérêt légitime à la sécurité du site (article 6.1 f du RGPD).",
    people="Membres de l’équipe, recruteurs inscrits, personnes qui envoient un formulaire.",
)
