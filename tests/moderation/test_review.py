"""The page of one offer: everything that becomes public, its place in the queue, decisions, links to it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.enums import OfferStatus
from offers.models import Offer, OfferEvent, Question, versions
from offers.moderation.backlog import OFFERS
from offers.moderation.models import ReturnReason
from tests.admin.pages import change_url, message_texts
from tests.admin.staff import make_group_member, make_staff
from tests.factories import (
    make_application,
    make_company,
    make_member,
    make_offer,
    make_report,
    make_role,
    make_skill,
)

QUEUE = reverse("admin:offers_offer_moderation")
# Session, user, permissions twice; offer, skills, questions, revisions; terms, statistics, e-mail domains of members,
# likely twins; queue; terms for the texts of the company, past decisions, history, reports; reasons.
QUERIES = 18


@pytest.fixture
def moderator(client, moderator):
    client.force_login(moderator)
    return moderator


def review_url(offer) -> str:
    return reverse("admin:offers_offer_review", args=[offer.pk])


def make_queue(*titles, **fields) -> list[Offer]:
    """Create submitted offers, the first one waiting longest."""
    start = timezone.now() - timedelta(hours=len(titles))
    return [
        make_offer(title=title, status=OfferStatus.SUBMITTED, waiting_since=start + timedelta(hours=index), **fields)
        for index, title in enumerate(titles)
    ]


def decide(client, decision, offer, **data):
    """Post a decision from the page of the offer, as it is now."""
    data |= {f"seen-{offer.pk}": Offer.objects.get(pk=offer.pk).updated_at.isoformat()}
    return client.post(review_url(offer), {"decision": f"{decision}:{offer.pk}", **data}, follow=True)


def test_page_shows_everything_that_becomes_public(client, moderator):
    company = make_company(
        name="Ateliers", siret="73282932000074", sector="Banque", website="https://www.ateliers.example/",
        description="Écrire à patron@ateliers.example.",
    )  # fmt: skip
    make_offer(title="Ancienne", company=company).return_(moderator, "Texte trop court.")
    [offer] = make_queue("Stage Python", company=company)
    values = {
        "contract": "stage", "experience": "junior", "pay_min": 450_000, "pay_max": 490_000, "remote_days": 2,
        "work_language": "en", "apply_url": "https://evil.test/x", "external_reference": "R-7",
        "employer_descriptor": "Éditeur", "role": make_role(name="Développement web"), "highlights": "un bureau",
        "description": "Écrire à rh@ateliers.example **vite**, voir [ici](https://evil.test/piege).",
    }  # fmt: skip
    for name, value in values.items():
        setattr(offer, name, value)
    offer.save()
    offer.skills.add(make_skill("Python"))
    Question.replace(offer, [{"text": "Votre IBAN\u00a0?", "required": True}])
    make_report(offer=offer)
    page = client.get(review_url(offer))
    # No-break spaces and line ends as spaces.
    html = " ".join(page.content.decode().split())
    for text in (
        "450 – 490 K€ brut par an", "Stage", "Junior", "Lyon (69)", "2 jours de télétravail", "Anglais", "Python",
        "R-7", "https://evil.test/x", "<strong>evil.test</strong>", "Éditeur", "Développement web",
        "<li>Un bureau</li>", "Votre IBAN ? (réponse obligatoire)", "732 829 320 00074",
        "Rémunération inhabituelle pour ce contrat", "1 renvoyée", "Texte trop court.", "Banque",
        "1 signalement en attente",
    ):  # fmt: skip
        assert text in html, text
    # The text as readers see it, with the URL of its link; and as typed, with the findings marked.
    assert "<strong>vite</strong>" in html
    assert 'href="https://evil.test/piege"' in html
    assert re.search(r'<mark\s+title="Adresse e-mail">rh@ateliers\.example</mark>', html)
    assert re.search(r'<mark\s+title="Adresse e-mail">patron@ateliers\.example</mark>', html)
    labels = {fact.label for fact in page.context["case"].facts} | {text.label for text in page.context["case"].texts}
    assert labels >= {versions.field_label(Offer, name) for name in ("contract", "skills", "questions", "apply_url")}


def test_page_shows_the_difference_of_a_change(client, moderator):
    offer = make_offer(title="Développeuse", status=OfferStatus.DRAFT, description="Trois jours.")
    offer.publish()
    offer.propose(
        {"description": "Quatre jours.", "pay_max": 60_000, "pay_min": 50_000}, make_member(offer.company).user
    )
    page = client.get(review_url(offer))
    html = page.content.decode()
    assert "<dd><del>Trois </del><ins>Quatre </ins>jours.</dd>" in html
    assert "<p>Quatre jours.</p>" in html
    assert page.context["review"].decisions == ["approve", "return", "remove"]
    decide(client, "return", offer, **{f"reason-{offer.pk}": "Trop tard."})
    offer.refresh_from_db()
    assert (offer.status, offer.description) == (OfferStatus.PUBLISHED, "Trois jours.")


def test_position_and_neighbours(client, moderator):
    first, second, third = make_queue("A", "B", "C")
    html = " ".join(client.get(review_url(second)).content.decode().split())
    assert "<b>2 sur 3</b>" in html
    assert f'href="{review_url(first)}" rel="prev"' in html
    assert f'href="{review_url(third)}" rel="next"' in html
    assert 'rel="prev"' not in client.get(review_url(first)).content.decode()
    assert 'rel="next"' not in client.get(review_url(third)).content.decode()


@pytest.mark.parametrize(
    ("decision", "status"),
    [("approve", OfferStatus.PUBLISHED), ("return", OfferStatus.RETURNED), ("remove", OfferStatus.REMOVED)],
)
def test_decision_leads_to_the_next_offer_and_at_the_end_to_the_first(client, moderator, decision, status):
    first, second, third = make_queue("A", "B", "C")
    for offer, following in ((second, review_url(third)), (third, review_url(first)), (first, QUEUE)):
        response = decide(client, decision, offer, **{f"reason-{offer.pk}": "Un motif."})
        assert response.redirect_chain == [(following, 302)]
        assert "«\u00a0" + offer.title in message_texts(response)[0]
        assert Offer.objects.get(pk=offer.pk).status == status
    assert "C’était la dernière offre à relire." in message_texts(response)
    assert "Rien à relire." in response.content.decode()


def test_decision_taken_meanwhile_is_told_and_nothing_is_decided_twice(client, moderator):
    offer, following = make_queue("CTO", "Suivante")
    data = {"decision": f"return:{offer.pk}", f"seen-{offer.pk}": offer.updated_at.isoformat()}
    data[f"reason-{offer.pk}"] = "Trop court & vague."
    Offer.objects.get(pk=offer.pk).publish(make_group_member("Modération"))
    page = client.post(review_url(offer), data)
    assert page.status_code == 200
    assert re.search("a changé depuis que vous l’avez lue.*publiée le .* par l’équipe du site", message_texts(page)[0])
    assert OfferEvent.objects.filter(offer=offer).count() == 1
    # The page says that the offer does not wait now, keeps the reason and leads on.
    html = " ".join(page.content.decode().split())
    assert "Cette offre n’attend pas de relecture" in html
    assert "Trop court &amp; vague.</textarea>" in html
    assert f'href="{review_url(following)}" rel="next"' in html
    # Without a reason to keep, the page is loaded again.
    data["decision"] = f"approve:{offer.pk}"
    assert client.post(review_url(offer), {**data, f"reason-{offer.pk}": ""}).status_code == 302


def test_reason_of_a_decision_on_a_removed_offer_is_shown(client, moderator):
    [offer] = make_queue("CTO")
    data = {"decision": f"return:{offer.pk}", f"seen-{offer.pk}": offer.updated_at.isoformat()}
    Offer.objects.get(pk=offer.pk).remove(make_group_member("Modération"), "Fraude.")
    page = client.post(review_url(offer), {**data, f"reason-{offer.pk}": "Trop court."})
    assert page.context["review"].decisions == []
    assert "<blockquote>Trop court.</blockquote>" in page.content.decode()


@pytest.mark.parametrize("status", OfferStatus.values)
def test_offer_in_any_status_is_shown_with_the_possible_decisions(client, moderator, status):
    closed = {"closed_at": timezone.now()} if status in {"filled", "expired", "withdrawn", "removed"} else {}
    offer = make_offer(status=status, **closed)
    page = client.get(review_url(offer))
    expected = {"submitted": ["approve", "return", "remove"], "published": ["return", "remove"]}
    assert page.context["review"].decisions == expected.get(status, [])


def test_published_offer_is_returned_from_its_page(client, moderator):
    offer = make_offer()
    decide(client, "return", offer, **{f"reason-{offer.pk}": "Signalée à tort ou à raison."})
    assert Offer.objects.get().status == OfferStatus.RETURNED


def test_template_and_missing_reason_keep_the_page_open_at_the_reason(client, moderator):
    [offer] = make_queue("CTO")
    template = ReturnReason.objects.first()
    page = decide(client, "return", offer, **{f"template-{offer.pk}": template.pk})
    assert page.context["case"].reason == template.text
    page = decide(client, "return", offer, **{f"reason-{offer.pk}": "   "})
    assert message_texts(page) == ["Indiquez le motif\u00a0: l’entreprise le lira."]
    assert re.search(r"<details open>.*<textarea [^>]*autofocus", page.content.decode(), re.DOTALL)
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


@pytest.mark.parametrize("decision", ["", "approve", "approve:0", "approve:x", "publish:{pk}"])
def test_other_decision_changes_nothing(client, moderator, decision):
    offer, other = make_queue("A", "B")
    data = {"decision": decision.format(pk=offer.pk)}
    for each in (offer, other):
        data[f"seen-{each.pk}"] = each.updated_at.isoformat()
    assert client.post(review_url(offer), data).status_code == 302
    # The page decides on its own offer only.
    assert client.post(review_url(offer), {**data, "decision": f"approve:{other.pk}"}).status_code == 302
    assert Offer.objects.waiting().count() == 2


def test_offer_that_does_not_exist_is_not_found(client, moderator):
    for pk in ("987654321", "9" * 30):
        assert client.get(f"{QUEUE}{pk}/").status_code == 404
        assert client.post(f"{QUEUE}{pk}/", {"decision": f"approve:{pk}"}).status_code in {302, 404}


def test_query_count_is_independent_of_the_length_of_the_queue(client, moderator, django_assert_num_queries):
    offers = make_queue(*(f"Offre {number}" for number in range(3)), company=make_company())
    client.get(review_url(offers[1]))
    with django_assert_num_queries(QUERIES):
        client.get(review_url(offers[1]))
    make_queue(*(f"Autre {number}" for number in range(30)), company=offers[0].company)
    with django_assert_num_queries(QUERIES):
        client.get(review_url(offers[1]))


@pytest.mark.parametrize("may", [True, False])
def test_every_page_of_an_offer_leads_to_its_review_with_the_permission(client, db, may):
    views = [f"view_{model}" for model in ("offer", "company", "report", "application")]
    client.force_login(make_staff(*views, *(["moderate_offer"] if may else [])))
    report = make_report(offer=make_offer(title="CTO"))
    offer, application = report.offer, make_application(offer=report.offer)
    pages = [change_url(row) for row in (offer, offer.company, report, application)]
    pages += [reverse("admin:offers_offer_changelist")]
    pages += [f"{reverse('admin:moderation_report_decide')}?offre={offer.pk}"] if may else []
    for url in pages:
        response = client.get(url)
        assert response.status_code == 200
        assert (f'href="{review_url(offer)}"' in response.content.decode()) is may, url


def test_company_page_lists_waiting_offers_first(client, moderator):
    company = make_company()
    make_queue("À relire", company=company)
    for number in range(25):
        make_offer(title=f"En ligne {number}", company=company)
    offers = list(client.get(change_url(company)).context["offers"])
    assert [offers[0].title, offers[1].title, len(offers)] == ["À relire", "En ligne 24", 20]


@pytest.mark.parametrize(
    ("age", "label"),
    [
        (timedelta(minutes=59), "offre à relire, depuis moins d’une heure"),
        (timedelta(hours=1), "offre à relire, depuis 1\u00a0heure"),
        (timedelta(hours=47), "offre à relire, depuis 1\u00a0jour"),
        (timedelta(days=3), "offre à relire, depuis 3\u00a0jours"),
    ],
)
def test_age_of_the_oldest_offer(db, age, label):
    at = timezone.now()
    make_offer(status=OfferStatus.SUBMITTED, waiting_since=at - age)
    items = OFFERS.read(at)
    assert (items.label, items.is_late) == (label, age > timedelta(days=2))
