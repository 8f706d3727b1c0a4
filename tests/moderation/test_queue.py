"""The moderation queue: its list, the comparison with the last version, decisions and their mails."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.tasks import send_outbox
from offers.companies.enums import CompanyChange
from offers.companies.models import Company
from offers.enums import Contract, OfferStatus
from offers.fields import OFFER_FIELDS
from offers.models import Offer, OfferEvent, versions
from offers.moderation.models import ReturnReason
from tests.admin.pages import change_url, form_data, message_texts
from tests.admin.staff import make_group_member
from tests.factories import make_company, make_member, make_offer, make_place, make_role, make_skill, make_user

QUEUE = reverse("admin:offers_offer_moderation")
# Session, user, permissions twice, count, offers, skills, questions, revisions, company statistics, e-mail domains of
# members, terms, likely twins (published, waiting), count and ages, reasons.
QUERIES = 16


@pytest.fixture
def moderator(client, moderator):
    client.force_login(moderator)
    return moderator


def make_submitted_offer(**fields):
    return make_offer(status=OfferStatus.SUBMITTED, **fields)


def decide(client, decision, *offers, target=None, **data):
    """Post a decision from the page of the queue: on the first offer, or with `target="selection"` on all of them."""
    data |= {f"seen-{offer.pk}": Offer.objects.get(pk=offer.pk).updated_at.isoformat() for offer in offers}
    target = target or offers[0].pk
    data |= {"decision": f"{decision}:{target}", "offer": [offer.pk for offer in offers]}
    return client.post(QUEUE, data, follow=True)


def test_queue_is_oldest_first_with_company_statistics_and_findings(client, moderator):
    now = timezone.now()
    company = make_company(name="Ateliers")
    make_offer(company=company).return_(moderator, "Non.")
    make_submitted_offer(title="Récente")
    text = "Écrire à rh@ateliers.example."
    make_submitted_offer(title="Ancienne", company=company, waiting_since=now - timedelta(days=3), description=text)
    page = client.get(QUEUE)
    assert [case.offer.title for case in page.context["cases"]] == ["Ancienne", "Récente"]
    oldest = page.context["cases"][0]
    assert (oldest.stats.returned, oldest.stats.removed) == (1, 0)
    assert any(finding.blocks and "rh@" in finding.text for finding in oldest.findings)
    assert "1 renvoyée" in page.content.decode()


def test_query_count_is_independent_of_the_length_of_the_queue(client, moderator, django_assert_num_queries):
    company, place = make_company(), make_place()
    make_offer(title="Offre 998", place=place)
    client.index.follow()
    make_submitted_offer(title="Offre 998", company=company, place=place)
    assert len(client.get(QUEUE).context["cases"]) == 1
    with django_assert_num_queries(QUERIES):
        client.get(QUEUE)
    now = timezone.now()
    Offer.objects.bulk_create(
        Offer(title=f"Offre {n}", status=OfferStatus.SUBMITTED, company=company, place=place, contract=Contract.CDI,
              waiting_since=now - timedelta(minutes=n))
        for n in range(999)
    )  # fmt: skip
    for offer in Offer.objects.waiting()[:20]:
        offer.skills.add(make_skill())
    with django_assert_num_queries(QUERIES):
        page = client.get(QUEUE)
    assert page.context["page"].paginator.count == 1000
    assert page.context["cases"][0].offer.title == "Offre 998"


def test_everything_that_becomes_public_is_on_the_page(client, moderator):
    company = make_company(name="Ateliers", siret="73282932000074", website="https://www.ateliers.example/")
    make_submitted_offer(
        title="Stage Python", company=company, contract="stage", experience="junior", pay_min=450_000, pay_max=490_000,
        remote_days=2, work_language="en", apply_url="https://ateliers.example.evil.test/x", external_reference="R-7",
        employer_descriptor="Éditeur de logiciel", role=make_role(name="Développement web"),
        skills=[make_skill("Python")],
        highlights="Un bureau", description="Écrire à rh@ateliers.example [ici](https://evil.test/piege).",
    )  # fmt: skip
    page = client.get(QUEUE)
    html = page.content.decode().replace("\u00a0", " ").replace("\u202f", " ")
    for text in (
        "450 – 490 K€ brut par an", "Stage", "Junior", "Lyon (69)", "2 jours de télétravail", "Anglais", "Python",
        "R-7",
        "https://ateliers.example.evil.test/x", "<strong>ateliers.example.evil.test</strong>", "Éditeur de logiciel",
        "Développement web", "Un bureau", "https://evil.test/piege", "732 829 320 00074", "https://www.ateliers.example/",
        "Rémunération inhabituelle pour ce contrat",
    ):  # fmt: skip
        assert text in html, text
    # Findings are marked in the text.
    assert re.search(r'<mark\s+title="Adresse e-mail">rh@ateliers\.example</mark>', html)
    # Every field that a recruiter edits is shown: a new one too.
    [case] = page.context["cases"]
    labels = {fact.label for fact in case.facts} | {text.label for text in case.texts}
    combined = {"pay_min", "pay_max", "remote_days", "fully_remote", "company"}
    expected = {field.name for field in OFFER_FIELDS if field.step} - combined
    assert labels >= {versions.field_label(Offer, name) for name in expected - {"questions"}}


def test_likely_twins_are_found_in_all_companies(client, moderator):
    text = "Vous développez le service de facturation, du besoin à la production, avec six personnes. " * 4
    published = make_offer(title="Développeuse Java", company=make_company(name="Agence A"), description=text)
    make_offer(title="Comptable", description="Rien à voir avec le reste de ces textes.")
    client.index.follow()
    waiting = make_submitted_offer(title="Java", company=make_company(name="Agence B"), description=text)
    offer = make_submitted_offer(title="Développeuse Java", description=text)
    cases = {case.offer: case for case in client.get(QUEUE).context["cases"]}
    assert {twin.offer for twin in cases[offer].twins} == {published, waiting}
    assert {twin.offer for twin in cases[waiting].twins} == {published, offer}


def test_proposed_facts_of_a_change_are_marked(client, moderator):
    company = make_company(website="https://ateliers.example")
    values = {"apply_url": "https://ateliers.example/1", "pay_min": 40_000, "pay_max": 50_000}
    offer = make_offer(company=company, status=OfferStatus.DRAFT, **values)
    offer.publish()
    offer.propose({"apply_url": "https://evil.test/", "pay_max": 60_000}, make_member(company).user)
    [case] = client.get(QUEUE).context["cases"]
    facts = {fact.label: fact for fact in case.facts}
    assert {label for label, fact in facts.items() if fact.is_changed} == {"adresse pour postuler", "rémunération"}
    assert facts["adresse pour postuler"].value == "https://evil.test/"
    assert case.elsewhere == "evil.test"


def test_changed_words_since_the_published_version_are_marked(client, moderator):
    offer = make_offer(title="Développeuse", status=OfferStatus.DRAFT, description="Trois jours & deux <b>nuits</b>.")
    offer.publish()
    member = make_member(offer.company).user
    offer.propose({"description": "Quatre jours & deux <b>nuits</b>.", "pay_min": 40_000, "pay_max": 45_000}, member)
    page = client.get(QUEUE)
    [case] = page.context["cases"]
    assert [difference.name for difference in case.differences] == ["pay_min", "pay_max", "description"]
    marked = "<dd><del>Trois </del><ins>Quatre </ins>jours &amp; deux &lt;b&gt;nuits&lt;/b&gt;.</dd>"
    assert marked in page.content.decode()
    decide(client, "approve", offer)
    assert Offer.objects.get().pay_min == 40_000


def test_resubmitted_offer_is_compared_with_the_published_version(client, moderator):
    offer = make_offer(title="Avant", status=OfferStatus.DRAFT)
    offer.publish()
    offer.return_(moderator, "Un mot.")
    offer.title = "Après"
    offer.save()
    offer.submit(make_member(offer.company).user)
    [case] = client.get(QUEUE).context["cases"]
    assert [(each.before, each.after) for each in case.differences] == [("Avant", "Après")]


@pytest.mark.parametrize(
    ("decision", "status", "subject"),
    [
        ("approve", OfferStatus.PUBLISHED, "Votre offre est en ligne\u00a0: CTO"),
        ("return", OfferStatus.RETURNED, "Votre offre est à corriger\u00a0: CTO"),
        ("remove", OfferStatus.REMOVED, "Votre offre a été supprimée du site\u00a0: CTO"),
    ],
)
def test_decision_is_recorded_and_mailed_once_to_the_requester(client, moderator, decision, status, subject):
    offer = make_offer(title="CTO", status=OfferStatus.DRAFT)
    make_member(offer.company)
    requester = make_member(offer.company).user
    offer.submit(requester)
    decide(client, decision, offer, **{f"reason-{offer.pk}": "L’intitulé & <le reste>."})
    offer.refresh_from_db()
    assert offer.status == status
    assert offer.events.first().by == moderator
    send_outbox()
    send_outbox()
    [message] = mail.outbox
    assert (message.subject, message.to) == (subject, [requester.email])
    assert ("L’intitulé & <le reste>." in message.body) == (decision != "approve")
    assert not message.body.startswith("\n")


def test_mail_without_a_requester_goes_to_the_owners(client, moderator):
    offer = make_submitted_offer()
    owner = make_member(offer.company).user
    offer.publish(moderator)
    send_outbox()
    assert mail.outbox[0].to == [owner.email]


def test_decision_on_a_selection_applies_to_each_offer(client, moderator):
    offers = [make_submitted_offer(title="A"), make_submitted_offer(title="B")]
    other = make_submitted_offer(title="C")
    messages = message_texts(decide(client, "approve", *offers, target="selection", confirmed="1"))
    assert messages == ["«\u00a0A\u00a0» est publiée.", "«\u00a0B\u00a0» est publiée."]
    assert list(Offer.objects.waiting()) == [other]
    response = client.post(QUEUE, {"decision": "approve:selection"}, follow=True)
    assert message_texts(response) == ["Aucune offre n’est choisie."]
    response = client.post(QUEUE, {"decision": "return:selection", "reason-selection": "Non."}, follow=True)
    assert message_texts(response) == ["Aucune offre n’est choisie."]
    assert response.context["bulk_reason"] == "Non."


def test_selection_is_listed_before_it_is_accepted_without_changed_offers(client, moderator):
    offers = [make_submitted_offer(title=title) for title in ("Alpha", "Bêta", "Gamma")]
    seen = {f"seen-{offer.pk}": offer.updated_at.isoformat() for offer in offers}
    data = {"decision": "approve:selection", "offer": [offer.pk for offer in offers], **seen}
    offers[1].title = "Changée"
    offers[1].save()
    page = client.post(QUEUE, data)
    html = page.content.decode()
    assert "2 offres à publier" in html
    assert "1 offre à relire d’abord" in html
    assert Offer.objects.waiting().count() == 3
    # The confirmed list has the versions that the moderator has seen: a change since is refused too.
    posted = {
        "decision": "approve:selection",
        "confirmed": "1",
        "offer": re.findall(r'name="offer" value="(\d+)"', html),
        **dict(re.findall(r'name="(seen-\d+)" value="([^"]+)"', html)),
    }
    assert posted["offer"] == [str(offers[0].pk), str(offers[2].pk)]
    offers[2].save()
    messages = message_texts(client.post(QUEUE, posted, follow=True))
    assert messages[0] == "«\u00a0Alpha\u00a0» est publiée."
    assert messages[1].startswith("«\u00a0Gamma\u00a0» a changé depuis que vous l’avez lue")
    assert [offer.title for offer in Offer.objects.published()] == ["Alpha"]


def test_button_chooses_all_offers_and_keeps_what_is_typed(client, moderator):
    first, second = make_submitted_offer(), make_submitted_offer()
    data = {"decision": "choose:selection", f"reason-{second.pk}": "Un début", "reason-selection": "Pour tous"}
    page = client.post(QUEUE, data)
    assert page.content.decode().count('name="offer" data-key="x"') == page.content.decode().count(" checked>") - 1 == 2
    assert [case.reason for case in page.context["cases"]] == ["", "Un début"]
    assert page.context["bulk_reason"] == "Pour tous"
    page = client.post(QUEUE, {**data, "offer": [first.pk, second.pk]})
    assert [case.is_chosen for case in page.context["cases"]] == [False, False]
    assert Offer.objects.waiting().count() == 2


def test_reasons_for_other_offers_stay_after_a_decision(client, moderator):
    offer, other = make_submitted_offer(title="A"), make_submitted_offer(title="B")
    typed = {f"reason-{other.pk}": "Un début", f"reason-{offer.pk}": "Sans objet", "reason-selection": "Pour tous"}
    page = decide(client, "approve", offer, **typed)
    assert message_texts(page) == ["«\u00a0A\u00a0» est publiée."]
    [case] = page.context["cases"]
    assert (case.offer, case.reason, page.context["bulk_reason"]) == (other, "Un début", "Pour tous")
    assert (page.context["unsent"], page.redirect_chain) == ([], [])
    # A reason that was sent is not shown again, that of an offer that left the queue meanwhile is.
    last = make_submitted_offer(title="C")
    page = decide(client, "return", other, last, target="selection", **typed)
    assert (page.context["unsent"], page.context["bulk_reason"]) == (["Un début", "Sans objet"], "")
    assert not Offer.objects.waiting().exists()


def test_confirmation_keeps_reasons_and_chosen_offers_on_the_way_back(client, moderator):
    first, second, third = (make_submitted_offer(title=title) for title in ("Alpha", "Bêta", "Gamma"))
    typed = {f"reason-{third.pk}": "Un début,\n« à finir ».", "reason-selection": "Pour tous"}
    html = decide(client, "approve", first, second, target="selection", **typed).content.decode()
    repeated = {name: unescape(text) for name, text in re.findall(r'name="(reason-\w+)" value="([^"]*)"', html)}
    assert repeated == typed
    chosen = {"offer": re.findall(r'name="offer" value="(\d+)"', html), **repeated, "confirmed": "1"}
    page = client.post(QUEUE, {**chosen, "decision": re.search(r'value="(back:\w+)"', html)[1]})
    assert [(case.is_chosen, case.reason) for case in page.context["cases"]] == [
        (True, ""), (True, ""), (False, "Un début,\n« à finir ».")
    ]  # fmt: skip
    assert page.context["bulk_reason"] == "Pour tous"
    assert Offer.objects.waiting().count() == 3
    # If all chosen offers have changed, nothing is confirmed, and the way back keeps the reasons too.
    stale = {f"seen-{first.pk}": "older", "offer": [first.pk], "decision": "approve:selection", **typed}
    html = client.post(QUEUE, stale).content.decode()
    assert ('name="reason-selection" value="Pour tous"' in html, "back:selection" in html) == (True, True)
    # Without chosen offers there is nothing to confirm.
    page = client.post(QUEUE, {"decision": "approve:selection", **typed})
    assert message_texts(page) == ["Aucune offre n’est choisie."]
    assert page.context["bulk_reason"] == "Pour tous"


def test_reason_without_effect_is_shown_again(client, moderator):
    offer, other = make_submitted_offer(title="CTO"), make_submitted_offer()
    seen = offer.updated_at.isoformat()
    offer.publish(make_group_member("Modération"))
    data = {"decision": f"return:{offer.pk}", f"seen-{offer.pk}": seen, f"reason-{offer.pk}": "Trop court & vague."}
    page = client.post(QUEUE, data)
    assert "a changé depuis que vous l’avez lue" in message_texts(page)[0]
    assert "Trop court &amp; vague." in page.content.decode()
    assert [case.offer for case in page.context["cases"]] == [other]


def test_decision_on_a_stale_version_is_refused(client, moderator):
    offer = make_submitted_offer(title="CTO")
    seen = offer.updated_at.isoformat()
    offer.publish(make_group_member("Modération"))
    data = {"decision": f"remove:{offer.pk}", f"seen-{offer.pk}": seen, f"reason-{offer.pk}": "Fraude."}
    [message] = message_texts(client.post(QUEUE, data, follow=True))
    assert re.search("a changé depuis que vous l’avez lue.*publiée le .* par l’équipe du site", message)
    assert OfferEvent.objects.count() == 1


def test_template_fills_the_reason_without_deciding(client, moderator):
    offer, template = make_submitted_offer(), ReturnReason.objects.first()
    page = decide(client, "return", offer, **{f"template-{offer.pk}": template.pk})
    assert page.status_code == 200
    assert page.context["cases"][0].reason == template.text
    assert Offer.objects.get().status == OfferStatus.SUBMITTED
    page = decide(client, "return", offer)
    assert "Indiquez le motif\u00a0: l’entreprise le lira." in message_texts(page)
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


@pytest.mark.parametrize(
    "data",
    [{}, {"decision": "approve"}, {"decision": "approve:x"}, {"decision": "approve:" + "9" * 30}, {"decision": "x:1"},
     {"decision": "return:1", "template-1": "9" * 30}, {"decision": "approve:987654321"}],
)  # fmt: skip
def test_invalid_decision_changes_nothing(client, moderator, data):
    make_submitted_offer()
    assert client.post(QUEUE, data, follow=True).status_code == 200
    assert Offer.objects.waiting().count() == 1


@pytest.mark.parametrize("group", ["Commercial", None])
def test_user_without_permission_cannot_open_or_decide(client, db, group):
    user = make_group_member(group) if group else make_user()
    client.force_login(user)
    offer = make_submitted_offer()
    assert client.get(QUEUE).status_code in (302, 403)
    client.post(QUEUE, {"decision": f"approve:{offer.pk}", f"seen-{offer.pk}": offer.updated_at.isoformat()})
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


def test_admin_index_shows_count_and_age_of_the_queue(client, moderator):
    make_submitted_offer(waiting_since=timezone.now() - timedelta(days=5))
    make_submitted_offer()
    line = client.get(reverse("admin:index")).context["todo"][0]
    assert (line.count, line.url, line.late) == (2, QUEUE, True)
    assert line.label == "offres à relire, la plus ancienne depuis 5\u00a0jours"
    assert "2 offres à relire, la plus ancienne depuis 5\u00a0jours." in client.get(QUEUE).content.decode()


@pytest.mark.parametrize(("group", "may"), [("Curation", True), ("Modération", False)])
def test_only_curators_trust_companies(client, db, group, may):
    client.force_login(make_group_member(group))
    company = make_company()
    data = {"action": "trust_companies", "_selected_action": [company.pk]}
    client.post(reverse("admin:companies_company_changelist"), data)
    assert Company.objects.get().trusted is may
    page = client.get(change_url(company)).content.decode()
    assert (CompanyChange.TRUSTED.label + ", par" in page or "<b>publie sans relecture</b>" in page) is may


def test_offer_page_returns_with_a_reason_and_shows_the_history(client, moderator):
    offer = make_submitted_offer()
    url = change_url(offer)
    client.post(url, form_data(client.get(url), _return_="Renvoyer", reason="Trop court."))
    offer.refresh_from_db()
    assert offer.status == OfferStatus.RETURNED
    assert "Trop court." in client.get(url).content.decode()
