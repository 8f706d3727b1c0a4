"""Criteria that a law allows or prescribes: the finding is then a warning that names the article.

Sources, read in December 2026: Code du travail, Code de la défense, Code du service national, Code général de la
fonction publique. A moderator decides whether the case is one of them.
"""

import re
from typing import NamedTuple

from offers.enums import Contract
from offers.moderation.wording.phrases import fold
from offers.moderation.wording.reasons import LABOUR, Reason

# Characters before and after a match in which the condition of an exception is searched.
DISTANCE = 200
CIVIL_SERVICE = "Code général de la fonction publique"
_CHECK = "Gardez la condition si elle vient de ce texte, et citez-le dans l’annonce\u00a0; sinon, supprimez-la."


class LegalException(NamedTuple):
    categories: frozenset[str]
    # Searched in the folded text around the match.
    condition: re.Pattern
    reason: Reason
    # The contract that meets the condition whatever the text says.
    contract: str = ""


def _exception(categories: str, condition: str, label: str, explanation: str, law: str, **values) -> LegalException:
    correction = values.pop("correction", _CHECK)
    return LegalException(
        frozenset(categories.split()),
        re.compile(rf"(?<!\w)(?:{condition})(?!\w)"),
        Reason(label, explanation, correction, law),
        **values,
    )


EXCEPTIONS = [
    _exception(
        "age",
        "contrats? (?:d'apprentissage|d'alternance|en alternance)|apprentissage",
        "Condition d’âge d’un contrat en alternance",
        "La loi fixe des âges pour l’apprentissage (16 à 29 ans, sauf exceptions)\u00a0; aucune autre n’est permise.",
        f"{LABOUR}, art. L6222-1, L6222-2 et L5331-2",
        correction="Renvoyez aux conditions légales du contrat plutôt que de donner un âge.",
        contract=Contract.APPRENTICESHIP,
    ),
    _exception(
        "age",
        "contrats? de professionnalisation|contrat pro",
        "Condition d’âge d’un contrat de professionnalisation",
        "Ce contrat s’adresse aux personnes de 16 à 25 ans, et sans limite d’âge à d’autres publics.",
        f"{LABOUR}, art. L6325-1",
    ),
    _exception(
        "age",
        "service civique",
        "Condition d’âge du service civique",
        "Le service civique est ouvert de 16 à 25 ans, jusqu’à 30 ans aux personnes en situation de handicap.",
        "Code du service national, art. L120-1 et suivants",
    ),
    _exception(
        "age",
        "en vie|contrat vie|mission vie|volontariat international|volontaires? internationa(?:l|ux)",
        "Condition d’âge du volontariat international",
        "Le volontariat international en entreprise a des conditions d’âge, que la loi fixe.",
        "Code du service national, art. L122-1 et suivants",
    ),
    _exception(
        "age residence economic",
        "adultes?-relais|contrats? (?:aides?|uniques? d'insertion)|parcours emploi competences|cui-cie|cui-cae",
        "Condition d’un contrat aidé",
        "Ces contrats s’adressent à des publics que la loi définit par leur âge, leur situation ou leur quartier.",
        f"{LABOUR}, art. L5134-19-1 et suivants, L5134-100 et suivants",
    ),
    _exception(
        "sex",
        "acteurs?|actrices?|comedien(?:ne)?s?|mannequins?|figurante?s?|modeles? (?:photo|vivant)s?|doublage|voix off",
        "Sexe, condition d’un rôle ou d’un essayage",
        "Le sexe peut être exigé d’un interprète, d’un mannequin ou d’un modèle, et pour rien d’autre.",
        f"{LABOUR}, art. L1142-2 et R1142-1",
    ),
    _exception(
        "origin",
        r"habilit\w+|secret[ -]defense|tres secret|confidentiel defense|defense nationale|igi 1300"
        r"|zones? a regime restrictif|zrr|ppst",
        "Nationalité et protection du secret",
        "L’habilitation au secret de la défense, ou l’accès à une zone protégée, peut dépendre de la nationalité.",
        "Code du travail, art. L1133-1\u00a0; Code de la défense, art. R2311-7\u00a0; arrêté du 9 août 2021 (IGI 1300)",
        correction="Citez le texte qui impose la condition, ou écrivez «\u00a0poste soumis à habilitation\u00a0».",
    ),
    _exception(
        "origin identity",
        "fonction publique|fonctionnaires?|agents? (?:public|titulaire)s?|magistrats?|militaires?|gendarmerie",
        "Condition d’accès à un emploi public",
        "L’accès à certains emplois publics dépend de la nationalité et des mentions du bulletin n°\u00a02.",
        f"{CIVIL_SERVICE}, art. L321-1 à L321-3",
    ),
    _exception(
        "identity",
        "securite privee|cnaps|agrement|enquete administrative|services? financiers?|conseiller en investissement",
        "Contrôle prévu par un texte",
        "Quelques métiers réglementés supposent un contrôle d’honorabilité.",
        "Code du travail, art. L1221-6\u00a0; Code de la sécurité intérieure, art. L114-1",
    ),
    _exception(
        "belief",
        "services? publics?|fonction publique|agents? publics?|collectivite|laicite",
        "Neutralité du service public",
        "Les agents d’un service public sont tenus à la neutralité dans leurs fonctions.",
        f"{CIVIL_SERVICE}, art. L121-2",
    ),
    _exception(
        "health",
        r"(?:reservee?s?|uniquement|exclusivement|seulement)[^.;!?\n]{0,60}"
        r"(?:rqth|handicap\w*|boeth|obligation d'emploi)",
        "Mesure en faveur des personnes handicapées",
        "Réserver un poste à des personnes handicapées, pour l’égalité de traitement, n’est pas une discrimination.",
        f"{LABOUR}, art. L1133-4, L5212-13 et L5213-13",
    ),
    _exception(
        "residence",
        "qpv|quartiers? prioritaires?(?: de la ville)?|emplois? francs?|zrr|zones? de revitalisation rurale"
        "|france ruralites|politique de la ville|zones? franches?",
        "Mesure en faveur des habitants d’un territoire",
        "Une mesure pour les habitants de certaines zones, pour l’égalité de traitement, n’est pas une discrimination.",
        f"{LABOUR}, art. L1133-5",
    ),
    _exception(
        "economic",
        "insertion|iae|siae",
        "Mesure en faveur de personnes vulnérables",
        "Une mesure pour des personnes en difficulté, pour l’égalité de traitement, n’est pas une discrimination.",
        f"{LABOUR}, art. L1133-6 et L5132-1",
    ),
]


def find_exception(category: str, contract: str, text: str, start: int, end: int) -> Reason | None:
    """Return the exception that the words at `start`:`end` of a text may fall under, or None."""
    candidates = [exception for exception in EXCEPTIONS if category in exception.categories]
    if not candidates:
        return None
    context = fold(text[max(start - DISTANCE, 0) : end + DISTANCE]).text
    return next(
        (
            exception.reason
            for exception in candidates
            if (exception.contract and exception.contract == contract) or exception.condition.search(context)
        ),
        None,
    )
