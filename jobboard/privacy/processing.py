"""The record of processing activities (GDPR, article 30), for the admin and as a file.

Each app declares its activities in its module `personal`, beside the data sources that belong to them. The categories
of data and the time limits come from these sources, so the record follows the fields of the models and the settings of
the purge.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from jobboard.privacy import registry
from jobboard.privacy.activities import ProcessingActivity
from jobboard.text.dates import long_date
from jobboard.text.keys import search_key
from jobboard.text.lines import in_one_line


@dataclass(frozen=True)
class DataCategory:
    """Personal data of an activity: a title, the French names of the fields, and how long it is stored."""

    title: str
    fields: tuple[str, ...]
    retention: str


@dataclass(frozen=True)
class RecordEntry:
    """An activity of the record as it is shown."""

    activity: ProcessingActivity
    data: list[DataCategory]
    recipients: list[str]


_other_data: list[tuple[ProcessingActivity, str, Callable[[], str]]] = []


def declare_data(activity: ProcessingActivity, title: str, retention: Callable[[], str]) -> None:
    """Declare personal data that is in no registered model, such as digests in a cache."""
    _other_data.append((activity, title, retention))


def record_entries() -> list[RecordEntry]:
    """Return the activities with their data, by title."""
    data: dict[ProcessingActivity, list[DataCategory]] = {}
    for source in registry.sources():
        category = DataCategory(source.title, tuple(source.labels()), source.retention)
        data.setdefault(source.activity, []).append(category)
    for activity, title, retention in _other_data:
        data.setdefault(activity, []).append(DataCategory(title, (), retention()))
    common = processors()
    return [
        RecordEntry(activity, categories, ["l’équipe habilitée du site", *activity.recipients, *common])
        for activity, categories in sorted(data.items(), key=lambda item: search_key(item[0].title))
    ]


def processors() -> list[str]:
    """Return the processors of the site, which receive all personal data: the host and the mail provider."""
    kinds = {"host": "l’hébergeur, sous-traitant", "mail_provider": "le prestataire d’envoi des e-mails, sous-traitant"}
    return [_with_details(kind, in_one_line(settings.SITE_IDENTITY[name])) for name, kind in kinds.items()]


def _with_details(title: str, details: str) -> str:
    return f"{title}\u00a0: {details}" if details else title


# The values of a setting that say that there is none: an empty one says nothing, and the publisher has to complete it.
NONE = ("aucun", "aucune")


def transfers() -> str:
    """Return the transfers outside the European Union, empty if the setting is missing."""
    return _value_or_none("transfers", "Aucun transfert.")


def data_protection_officer() -> str:
    """Return the data protection officer, empty if the setting is missing or says that there is none."""
    return _value_or_none("dpo", "")


def _value_or_none(name: str, none: str) -> str:
    value = settings.SITE_IDENTITY[name].strip()
    return none if value.rstrip(".").lower() in NONE else value


def controller() -> list[tuple[str, str]]:
    """Return the labels and values about the controller; a value is empty if its setting is missing."""
    identity = settings.SITE_IDENTITY
    contact = [identity["address"], identity["email"], identity["phone"]]
    return [
        ("Responsable du traitement", identity["publisher"]),
        ("Coordonnées", "\n".join(filter(None, contact))),
        ("Représentant ou représentante", identity["publication_director"]),
        ("Délégué ou déléguée à la protection des données", _value_or_none("dpo", "Aucune désignation.")),
        ("Site", f"{settings.SITE_NAME}, {settings.SITE_URL}"),
    ]


def security_measures() -> list[str]:
    """Return the general description of the technical and organisational measures, as French sentences."""
    second_factor = (
        "obligatoire pour toute permission de l’équipe" if settings.STAFF_MFA_REQUIRED else "proposée à chaque compte"
    )
    antivirus = " et par un antivirus" if settings.CV_ANTIVIRUS_COMMAND else ""
    return [
        *(
            ["Échanges chiffrés (HTTPS imposé, HSTS)\u00a0; aucun contenu chargé depuis un autre site, aucun traceur."]
            if settings.SECURE_SSL_REDIRECT
            else ["Aucun contenu chargé depuis un autre site, aucun traceur."]
        ),
        f"Mots de passe hachés, essais limités par compte et par réseau, double authentification {second_factor}.",
        "Accès cloisonnés\u00a0: une entreprise ne voit que ses offres et ses candidatures\u00a0; l’équipe, ce que ses "
        "permissions ouvrent. Les décisions et les ouvertures de CV sont journalisées.",
        f"CV hors du site public, sous un nom aléatoire, contrôlés dans un processus isolé{antivirus}\u00a0; les "
        "recruteurs en reçoivent une copie sans contenu actif.",
        "Journaux techniques sans adresse IP, sans saisie et sans jeton.",
        "Liens personnels signés\u00a0; saisies interrompues chiffrées.",
        "Effacement automatique chaque nuit, fichiers compris, répété tant qu’un fichier reste\u00a0; suppression et "
        "export sur demande.",
    ]


def drawn_up_on() -> str:
    return long_date(timezone.localdate())


def record_context() -> dict:
    """Return the context of the template of the record."""
    return {
        "controller": controller(),
        "entries": record_entries(),
        "transfers": transfers(),
        "security_measures": security_measures(),
        "drawn_up_on": drawn_up_on(),
    }


CSV_HEADER = [
    *("Traitement", "Finalités", "Base légale", "Personnes concernées", "Catégories de données", "Destinataires"),
    *("Transferts hors de l’Union européenne", "Durées de conservation", "Mesures de sécurité"),
    *("Responsable du traitement", "Coordonnées", "Délégué ou déléguée à la protection des données", "Établi le"),
]


def csv_rows() -> list[list[str]]:
    """Return a row for each activity, with the columns of CSV_HEADER."""
    about = dict(controller())
    common = [
        "\n".join(security_measures()),
        *(about[name] for name in ("Responsable du traitement", "Coordonnées")),
        about["Délégué ou déléguée à la protection des données"],
        drawn_up_on(),
    ]
    return [
        [
            *(entry.activity.title, entry.activity.purposes, entry.activity.legal_basis, entry.activity.people),
            "\n".join(_with_details(each.title, ", ".join(each.fields)) for each in entry.data),
            "\n".join(entry.recipients),
            transfers(),
            "\n".join(_with_details(each.title, each.retention) for each in entry.data),
            *common,
        ]
        for entry in record_entries()
    ]
