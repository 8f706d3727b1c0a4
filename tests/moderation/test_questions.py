"""Questions to candidates: part of the offer for the wording check, the revisions and the moderation queue."""

import pytest
from django.urls import reverse

from offers.enums import OfferStatus, RevisionStatus
from offers.models import Offer, Question
from offers.moderation.wording import blocking, check
from tests.factories import make_company, make_member, make_offer, make_user
from tests.posting.forms import DESCRIPTION, make_draft, post_edit_form, step_url, url

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:offers_offer_moderation")

FORBIDDEN = [
    ("Quel est votre âge et êtes-vous enceinte ?", {"age", "family"}),
    ("Quel âge avez-vous ?", {"age"}),
    ("Votre date de naissance ?", {"age"}),
    ("Avez-vous des enfants ?", {"family"}),
    ("Combien d’enfants avez-vous ?", {"family"}),
    ("Êtes-vous marié(e) ?", {"family"}),
    ("Quelle est votre situation familiale ?", {"family"}),
    ("Êtes-vous en couple ou célibataire ?", {"family"}),
    ("Quelle est votre nationalité ?", {"origin"}),
    ("Quel est votre pays d’origine ?", {"origin"}),
    ("Êtes-vous né en France ?", {"origin"}),
    ("Quelle est votre religion ?", {"belief"}),
    ("Êtes-vous syndiqué ?", {"belief"}),
    ("Êtes-vous membre d’un syndicat ?", {"belief"}),
    ("Êtes-vous handicapé ?", {"health"}),
    ("Avez-vous des problèmes de santé ?", {"health"}),
    ("Fumez-vous ?", {"health"}),
    ("Merci de joindre une photo", {"appearance"}),
    ("Combien mesurez-vous ?", {"appearance"}),
    ("Quelle est votre orientation sexuelle ?", {"orientation"}),
    ("Quel est votre salaire actuel ?", {"pay_history"}),
    ("Combien gagnez-vous ?", {"pay_history"}),
    ("Indiquez votre IBAN.", {"identity"}),
    ("Vos coordonnées bancaires ?", {"identity"}),
    ("Votre numéro de sécurité sociale ?", {"identity"}),
    ("Une copie de votre pièce d’identité", {"identity"}),
    ("Écrivez à rh@exemple.fr avec votre réponse", {"contact"}),
]
CAREFUL = [
    "Pourquoi ce poste ?",
    "Quel est l’âge du parc que vous avez exploité ?",
    "Avez-vous déjà programmé des enceintes connectées ?",
    "Avez-vous travaillé pour un syndicat de copropriété ?",
    "Avez-vous besoin d’un aménagement pour l’entretien ?",
    "Quelles sont vos attentes salariales ?",
    "Êtes-vous libre en janvier ?",
    "Avez-vous l’autorisation de travailler en France ?",
    "Avez-vous encadré une équipe ? De quelle taille ?",
    "Quelle est votre langue de travail préférée ?",
    "Quel est votre niveau d’anglais ?",
    "Connaissez-vous la norme SEPA ?",
    "Avez-vous développé un logiciel de gestion de photos ?",
    "Seriez-vous prêt à vous déplacer deux fois par mois ?",
    "Quelle est la taille de la plus grande base que vous avez administrée ?",
]


@pytest.fixture
def company():
    return make_company(name="Ateliers Vauban")


@pytest.fixture
def member(client, company):
    user = make_member(company, make_user(email="anne@example.org")).user
    client.force_login(user)
    return user


def findings_of(*asked):
    offer = Offer(title="Développeuse", contract="cdi", place_id=1, description=DESCRIPTION, pay_min=1, pay_max=1)
    return check(offer, asked=asked)


@pytest.mark.parametrize(("question", "categories"), FORBIDDEN, ids=[text for text, _ in FORBIDDEN])
def test_forbidden_question_is_an_error(question, categories):
    findings = [finding for finding in findings_of("Pourquoi ?", question) if finding.field == "questions"]
    assert {finding.category for finding in blocking(findings)} == categories
    # The words are marked, in the line of the question.
    assert all(finding.text in question and "Pourquoi" not in finding.before for finding in findings)


@pytest.mark.parametrize("question", CAREFUL)
def test_careful_question_passes(question):
    assert [finding for finding in findings_of(question) if finding.field == "questions"] == []


def test_question_of_a_draft_is_checked_before_submission(client, company, member):
    offer = make_draft(company)
    Question.replace(offer, [{"text": "Quel est votre âge et êtes-vous enceinte\u00a0?", "required": False}])
    page = client.get(step_url(offer, "verification"))
    assert "Tout est en ordre" not in page.content.decode()
    assert {url for _, url in page.context["errors"]} == {step_url(offer, "candidatures")}
    assert "êtes-vous enceinte" in page.content.decode()
    assert client.post(url("submit", offer.pk), {"version": page.context["version"]}).status_code == 422


def test_changed_question_of_a_published_offer_waits_for_moderation(client, company, member, moderator):
    offer = make_offer(
        company=company,
        confidential=True,
        description=DESCRIPTION,
        pay_min=45_000,
        pay_max=55_000,
        title="Développeuse",
    )
    Question.replace(offer, [{"text": "Pourquoi ce poste\u00a0?", "required": False}])
    response = post_edit_form(client, offer, question_1="Connaissez-vous Ateliers Vauban\u00a0? Votre RIB\u00a0?")
    assert response.status_code == 200
    assert not offer.revisions.exists()
    # The name of the hidden employer is an error too, and so are the bank details.
    categories = {finding.category for finding, _ in response.context["errors"]}
    assert categories == {"employer", "identity"}
    response = post_edit_form(client, offer, question_1="Quand pouvez-vous commencer\u00a0?")
    assert response.status_code == 302
    assert [each.text for each in offer.questions.all()] == ["Pourquoi ce poste\u00a0?"]
    revision = offer.revisions.get(status=RevisionStatus.WAITING)
    assert revision.changes == {"questions": [{"text": "Quand pouvez-vous commencer\u00a0?", "required": False}]}
    client.force_login(moderator)
    page = client.get(QUEUE)
    [case] = page.context["cases"]
    [difference] = case.differences
    assert (difference.label, difference.before) == ("questions aux candidats", "Pourquoi ce poste\u00a0?")
    assert "Quand pouvez-vous commencer" in page.content.decode()
    offer.refresh_from_db()
    offer.accept(moderator)
    assert [each.text for each in offer.questions.all()] == ["Quand pouvez-vous commencer\u00a0?"]
    assert offer.events.first().version["questions"] == revision.changes["questions"]


def test_queue_checks_the_questions_of_a_submitted_offer(client, moderator):
    offer = make_offer(status=OfferStatus.SUBMITTED, description=DESCRIPTION)
    Question.replace(offer, [{"text": "Votre IBAN\u00a0?", "required": True}])
    client.force_login(moderator)
    page = client.get(QUEUE)
    [case] = page.context["cases"]
    assert "identity" in {finding.category for finding in case.findings}
    assert "Votre IBAN\u00a0? (réponse obligatoire)" in page.content.decode()


def test_preview_shows_the_questions(client, company, member):
    offer = make_draft(company)
    Question.replace(offer, [{"text": "Pourquoi ce poste\u00a0?", "required": True}])
    assert "Pourquoi ce poste" in client.get(url("preview", offer.pk)).content.decode()
