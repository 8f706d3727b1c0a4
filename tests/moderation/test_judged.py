"""The score of the wording check on phrasings judged by hand, the contexts that excuse words, and legal exceptions."""

import pytest

from offers.enums import Contract
from offers.moderation.wording import check
from offers.moderation.wording.reasons import REASONS
from offers.moderation.wording.terms import TermDefinition, compile_terms
from tests.moderation.judged import CLEAN_TEXT, Score, build_offer, check_text, read_phrasings

PHRASINGS = read_phrasings()
TUNED = [phrasing for phrasing in PHRASINGS if not phrasing.heldout]
HELD_OUT = [phrasing for phrasing in PHRASINGS if phrasing.heldout]
CRITERIA = {"age", "sex", "family", "origin", "belief", "appearance", "health", "residence", "orientation", "identity"}


@pytest.mark.parametrize(
    ("phrasings", "recall_of_block", "recall_of_pass", "precision_of_pass"),
    # A floor is a little below the measured figure; raise it with the rules.
    [(TUNED, 0.995, 0.99, 0.99), (HELD_OUT, 0.62, 0.95, 0.68)],
    ids=["tuned", "held out"],
)
def test_score_is_above_its_floor(phrasings, recall_of_block, recall_of_pass, precision_of_pass):
    score = Score.of(phrasings)
    print(score.report())
    assert score.recall("block") >= recall_of_block, score.report()
    assert score.recall("pass") >= recall_of_pass, score.report()
    assert score.precision("pass") >= precision_of_pass, score.report()


def test_phrasings_cover_every_criterion_with_careful_ones_as_well():
    assert len(PHRASINGS) == len({(phrasing.text, phrasing.where) for phrasing in PHRASINGS}) > 600
    assert len(HELD_OUT) >= 30
    verdicts = {(phrasing.criterion, phrasing.verdict) for phrasing in PHRASINGS}
    for criterion in (*CRITERIA, "economic", "whistleblower"):
        assert {(criterion, "block"), (criterion, "pass")} <= verdicts
    assert {phrasing.verdict for phrasing in PHRASINGS} == {"block", "warn", "pass"}
    assert {phrasing.criterion for phrasing in PHRASINGS} <= REASONS.keys()


@pytest.mark.parametrize(
    ("choice", "context"),
    [
        ("Vous avez moins de 30 ans.", "Nos utilisateurs ont moins de 30 ans."),
        ("Nous recrutons des alternants de 18 à 25 ans.", "Vous encadrez des alternants de 18 à 25 ans."),
        ("Profil de 20 à 30 ans.", "Notre équipe va de 20 à 60 ans."),
        ("Limite d’âge : 40 ans.", "Aucune limite d’âge."),
        ("Vous êtes célibataire.", "Que vous soyez célibataire ou marié, le poste vous est ouvert."),
        ("Célibataire exigé.", "Un site de rencontre pour célibataires exigeants."),
        ("Pas de femmes enceintes.", "Remplacement d’une femme enceinte."),
        ("Nous préférons une femme.", "Une boutique en ligne pour femme."),
        ("Candidats étrangers s’abstenir.", "Les candidats étrangers sont les bienvenus."),
        ("Nationalité française obligatoire.", "Le champ nationalité est obligatoire."),
        ("Pas de RQTH.", "À compétences égales, RQTH bienvenue."),
        ("Bonne condition physique exigée.", "Suivi de la condition physique des sportifs."),
        ("Musulmans s’abstenir.", "Sans distinction de religion : musulmans, juifs ou athées."),
        ("Vous devez habiter Lyon.", "Vous devez habiter près du site pendant les astreintes."),
        ("Un dépôt de garantie est demandé.", "Le logiciel calcule le dépôt de garantie des locataires."),
        ("Joignez votre RIB.", "Le RIB est à fournir à l’embauche."),
        ("Vous êtes catholique pratiquant.", "Une application pour une association catholique."),
    ],
)
def test_context_tells_a_choice_of_candidates_from_another_subject(choice, context):
    assert any(finding.blocks for finding in check_text(choice)), choice
    assert check_text(context) == []


@pytest.mark.parametrize(
    ("text", "contract", "law"),
    [
        ("Nationalité française exigée : poste soumis à habilitation secret défense.", Contract.CDI, "IGI 1300"),
        ("Emploi de la fonction publique, nationalité française requise.", Contract.CDI, "L321-1"),
        ("Nous cherchons une actrice femme pour une publicité.", Contract.CDI, "R1142-1"),
        ("Vous avez moins de 30 ans.", Contract.APPRENTICESHIP, "L6222-1"),
        ("Contrat d’apprentissage : vous avez entre 16 et 29 ans.", Contract.CDD, "L6222-1"),
        ("Contrat de professionnalisation, moins de 26 ans.", Contract.CDD, "L6325-1"),
        ("Adulte-relais : plus de 26 ans, vous habitez le 93 en QPV.", Contract.CDD, "L5134-100"),
        ("Poste réservé aux personnes en situation de handicap.", Contract.CDI, "L1133-4"),
        ("Emploi franc : vous habitez un quartier prioritaire.", Contract.CDI, "L1133-5"),
        ("Chantier d’insertion réservé aux bénéficiaires du RSA.", Contract.CDD, "L1133-6"),
        ("Service public : signe religieux interdit.", Contract.CDI, "L121-2"),
    ],
)
def test_legal_exception_is_a_warning_that_names_its_article(text, contract, law):
    findings = check_text(text, contract=contract)
    assert findings
    assert not any(finding.blocks for finding in findings), findings
    assert any(law in finding.law for finding in findings), [finding.law for finding in findings]


def test_exception_needs_its_condition():
    """The clearance excuses nationality, and nothing else."""
    findings = check_text("Habilitation secret défense, nationalité française exigée. Vous êtes célibataire.")
    assert {(finding.category, finding.blocks) for finding in findings} == {("origin", False), ("family", True)}


def test_question_in_the_description_is_judged_as_one():
    findings = check_text("Dites-nous tout : quel est votre âge et êtes-vous enceinte ?")
    assert {finding.category for finding in findings if finding.blocks} == {"age", "family"}
    assert check_text("Besoin d’une carte d’identité numérique ? Nous la développons.") == []


def test_words_that_curators_allow_excuse_a_criterion():
    offer = build_offer(description=f"{CLEAN_TEXT} Nous recherchons un homme orchestre.")
    assert [finding.category for finding in check(offer, compile_terms(()))] == ["sex"]
    allowed = TermDefinition("sex", "allowed", "homme orchestre")
    assert check(offer, compile_terms((allowed,))) == []
