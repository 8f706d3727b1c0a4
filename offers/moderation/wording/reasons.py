"""French explanations of findings for recruiters: why it is a problem, how to correct it, and the legal basis."""

from typing import NamedTuple

from offers.fields import APPLY, STEP_NAMES


class Reason(NamedTuple):
    label: str
    explanation: str
    correction: str
    law: str = ""


LABOUR = "Code du travail"
DISCRIMINATION = f"{LABOUR}, art. L1132-1"
_NO_EXCLUSION = "Nul ne peut être écarté d’un recrutement en raison de"

REASONS = {
    "age": Reason(
        "Limite d’âge",
        "Une offre ne fixe pas d’âge maximal, et l’âge n’est pas un critère de choix, sauf si un texte l’impose.",
        "Indiquez l’expérience ou les savoir-faire attendus, sans parler d’âge.",
        f"{LABOUR}, art. L5331-2 et L1132-1",
    ),
    "sex": Reason(
        "Sexe",
        "Une offre ne mentionne pas le sexe de la personne recherchée.",
        "Supprimez la mention\u00a0; les pages ajoutent «\u00a0(H/F)\u00a0» à l’intitulé.",
        f"{LABOUR}, art. L1142-1 et L1132-1",
    ),
    "family": Reason(
        "Situation de famille",
        f"{_NO_EXCLUSION} sa situation de famille ou d’une grossesse.",
        "Décrivez les contraintes du poste (déplacements, astreintes, horaires), pas la vie privée des candidats.",
        DISCRIMINATION,
    ),
    "origin": Reason(
        "Origine, nationalité ou langue maternelle",
        f"{_NO_EXCLUSION} son origine, sa nationalité ou son accent.",
        "Indiquez le niveau de langue attendu (courant, C1)\u00a0; pour une habilitation, citez le texte qui l’impose.",
        DISCRIMINATION,
    ),
    "belief": Reason(
        "Opinions ou religion",
        f"{_NO_EXCLUSION} ses opinions, de ses activités syndicales ou de ses convictions religieuses.",
        "Supprimez la mention.",
        DISCRIMINATION,
    ),
    "appearance": Reason(
        "Apparence physique",
        f"{_NO_EXCLUSION} son apparence physique\u00a0; demander une photo revient au même.",
        "Décrivez ce que le poste demande de faire, par exemple «\u00a0présenter un projet à un client\u00a0».",
        DISCRIMINATION,
    ),
    "health": Reason(
        "Santé ou handicap",
        f"{_NO_EXCLUSION} son état de santé ou d’un handicap\u00a0; l’aptitude est l’affaire du médecin du travail.",
        "Décrivez les conditions de travail, pas la santé des candidats.",
        DISCRIMINATION,
    ),
    "residence": Reason(
        "Lieu de résidence",
        f"{_NO_EXCLUSION} son lieu de résidence.",
        "Indiquez où se trouve le poste et combien de jours par semaine on y est attendu.",
        DISCRIMINATION,
    ),
    "orientation": Reason(
        "Vie privée",
        f"{_NO_EXCLUSION} ses mœurs, de son orientation sexuelle ou de son identité de genre.",
        "Supprimez la mention.",
        DISCRIMINATION,
    ),
    "economic": Reason(
        "Situation économique ou banque",
        f"{_NO_EXCLUSION} sa vulnérabilité économique, connue ou apparente, ou de sa domiciliation bancaire.",
        "Supprimez la mention\u00a0; une mesure en faveur de personnes en difficulté cite son texte.",
        DISCRIMINATION,
    ),
    "whistleblower": Reason(
        "Lanceurs d’alerte",
        f"{_NO_EXCLUSION} sa qualité de lanceur d’alerte ou de l’aide apportée à un lanceur d’alerte.",
        "Supprimez la mention.",
        DISCRIMINATION,
    ),
    "money": Reason(
        "Argent demandé aux candidats",
        "Rien ne peut être demandé à un candidat\u00a0: ni frais, ni caution, ni achat, ni formation payante.",
        "Supprimez la demande. Si la somme est pour le candidat, dites-le (prime, remboursement).",
        f"{LABOUR}, art. L5321-3 et L5331-1",
    ),
    "premium": Reason(
        "Numéro surtaxé",
        "Appeler pour un emploi ne doit rien coûter de plus qu’un appel ordinaire.",
        "Supprimez le numéro\u00a0: les candidatures passent par le bouton de l’offre.",
        f"{LABOUR}, art. L5321-3 et L5331-1",
    ),
    "contact": Reason(
        "Coordonnées dans le texte",
        "Une adresse ou un numéro dans le texte est pris par des robots, et contourne les réponses dues aux candidats.",
        f"Supprimez-les\u00a0: l’étape «\u00a0{STEP_NAMES[APPLY]}\u00a0» dit comment postuler, ici ou sur votre site.",
    ),
    "foreign": Reason(
        "Mot étranger sans explication",
        "Une offre est rédigée en français\u00a0; un terme étranger sans équivalent est expliqué.",
        "Écrivez le mot français, ou expliquez l’autre entre parenthèses.",
        f"{LABOUR}, art. L5331-4",
    ),
    "language": Reason(
        "Texte en langue étrangère",
        "Une offre est rédigée en français, même pour un poste où l’on parle une autre langue.",
        "Écrivez la description en français\u00a0; une traduction peut la suivre.",
        f"{LABOUR}, art. L5331-4",
    ),
    "title": Reason(
        "Intitulé",
        "Un intitulé en capitales ou publicitaire se lit mal dans une liste et se trouve mal.",
        "Gardez le nom du métier et sa spécialité, en minuscules.",
    ),
    "place": Reason(
        "Lieu",
        "On cherche un emploi autour de chez soi\u00a0: sans commune, l’offre ne se trouve pas.",
        "Indiquez la commune du poste, ou 100\u00a0% de télétravail.",
    ),
    "pay": Reason(
        "Rémunération",
        "La fourchette est ce que les candidats regardent d’abord\u00a0; ils doivent la connaître avant l’entretien.",
        "Donnez ce que vous êtes prêts à payer pour ce poste et ce niveau.",
        "Directive (UE) 2023/970, art. 5",
    ),
    "pay_history": Reason(
        "Rémunération passée",
        "On ne demande pas à un candidat ce qu’il gagne ou a gagné.",
        "Donnez votre fourchette et demandez, si besoin, des attentes.",
        "Directive (UE) 2023/970, art. 5",
    ),
    "remote": Reason(
        "Télétravail",
        "Le texte et le nombre de jours annoncé se contredisent\u00a0: les candidats trouvent l’offre par le nombre.",
        "Corrigez celui des deux qui est faux.",
        f"{LABOUR}, art. L5331-3",
    ),
    "description": Reason(
        "Description",
        "Sans description des missions, peu de candidats postulent.",
        "Présentez les missions, l’équipe, le profil attendu et ce que vous offrez.",
    ),
    "employer": Reason(
        "Employeur confidentiel nommé",
        "L’employeur doit rester confidentiel, et ce texte permet de le reconnaître\u00a0: nom, sigle, site, compte, "
        "adresse e-mail ou numéro SIREN.",
        "Remplacez-le par une description («\u00a0un éditeur de logiciel\u00a0»), ou affichez l’employeur.",
    ),
    "identity": Reason(
        "Données bancaires, d’identité ou judiciaires",
        "Les questions portent sur l’aptitude à occuper l’emploi. Ces données ne se demandent pas avant l’embauche, "
        "et servent aux escrocs.",
        "Supprimez la question\u00a0; ces pièces se remettent à l’embauche, quand un texte l’exige.",
        f"{LABOUR}, art. L1221-6",
    ),
}
