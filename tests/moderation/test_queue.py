"""The queue: what a moderator is shown, what the buttons do, what the company is told."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.tasks import send_outbox
from offers.companies.enums import CompanyChange
from offers.companies.models import Company
from offers.enums import Contract, OfferStatus
from offers.models import Offer, OfferEvent
from offers.moderation.models import ReturnReason
from tests.admin.posting import told
from tests.factories import make_company, make_member, make_offer, make_place, make_skill, make_user

QUEUE = reverse("admin:offers_offer_moderation")


def make_moderator(group="Modération"):
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def moderator(client, db):
    user = make_moderator()
    client.force_login(user)
    return user


def submitted(**fields):
    return make_offer(status=OfferStatus.SUBMITTED, **fields)


def push(client, decision, *offers, whom=None, **data):
    """As the page of the queue sends it."""
    data |= {f"seen-{offer.pk}": Offer.objects.get(pk=offer.pk).updated_at.isoformat() for offer in offers}
    whom = whom or offers[0].pk
    return client.post(QUEUE, {"decision": f"{decision}:{whom}", "offer": [o.pk for o in offers], **data}, follow=True)


def send_mails():
    send_outbox()


def test_the_oldest_comes_first_with_what_a_moderator_needs(client, moderator):
    now = timezone.now()
    company = make_company(name="Ateliers")
    make_offer(company=company).return_(moderator, "Non.")
    submitted(title="Récente")
    text = "Écrire à rh@ateliers.example."
    submitted(title="Ancienne", company=company, waiting_since=now - timedelta(days=3), description=text)
    page = client.get(QUEUE)
    assert [case.offer.title for case in page.context["cases"]] == ["Ancienne", "Récente"]
    oldest = page.context["cases"][0]
    assert (oldest.stats.returned, oldest.stats.removed) == (1, 0)
    assert any(finding.blocks and "rh@" in finding.text for finding in oldest.findings)
    assert "1 renvoyée" in page.content.decode()


def test_the_queue_of_a_thousand_costs_what_one_of_one_does(client, moderator, django_assert_num_queries):
    company, place = make_company(), make_place()
    submitted(company=company, place=place)
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


# Session, person, rights twice, the count, the offers, their skills and revisions, records, terms, reasons.
QUERIES = 11


def test_what_changed_since_the_last_version_is_shown_word_by_word(client, moderator):
    offer = make_offer(title="Développeuse", status=OfferStatus.DRAFT, description="Trois jours & deux <b>nuits</b>.")
    offer.publish()
    member = make_member(offer.company).user
    offer.propose({"description": "Quatre jours & deux <b>nuits</b>.", "pay_min": 40_000, "pay_max": 45_000}, member)
    page = client.get(QUEUE)
    [case] = page.context["cases"]
    assert [difference.name for difference in case.differences] == ["pay_min", "pay_max", "description"]
    marked = "<dd><del>Trois </del><ins>Quatre </ins>jours &amp; deux &lt;b&gt;nuits&lt;/b&gt;.</dd>"
    assert marked in page.content.decode()
    push(client, "approve", offer)
    assert Offer.objects.get().pay_min == 40_000


def test_an_offer_that_comes_back_is_compared_with_what_was_out(client, moderator):
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
def test_each_decision_is_kept_and_told_once_to_who_asked(client, moderator, decision, status, subject):
    offer = make_offer(title="CTO", status=OfferStatus.DRAFT)
    make_member(offer.company)
    asked = make_member(offer.company).user
    offer.submit(asked)
    push(client, decision, offer, **{f"reason-{offer.pk}": "L’intitulé & <le reste>."})
    offer.refresh_from_db()
    assert offer.status == status
    assert offer.events.first().by == moderator
    send_mails()
    send_mails()
    [message] = mail.outbox
    assert (message.subject, message.to) == (subject, [asked.email])
    assert ("L’intitulé & <le reste>." in message.body) == (decision != "approve")
    assert not message.body.startswith("\n")


def test_a_mail_goes_to_the_owners_where_who_asked_has_left(client, moderator):
    offer = submitted()
    owner = make_member(offer.company).user
    offer.publish(moderator)
    send_mails()
    assert mail.outbox[0].to == [owner.email]


def test_several_at_once(client, moderator):
    offers = [submitted(title="A"), submitted(title="B")]
    other = submitted(title="C")
    messages = told(push(client, "approve", *offers, whom="selection"))
    assert messages == ["«\u00a0A\u00a0» est publiée.", "«\u00a0B\u00a0» est publiée."]
    assert list(Offer.objects.waiting()) == [other]
    assert told(client.post(QUEUE, {"decision": "approve:selection"}, follow=True)) == ["Aucune offre n’est choisie."]


def test_of_two_moderators_the_second_is_told(client, moderator):
    offer = submitted(title="CTO")
    seen = offer.updated_at.isoformat()
    offer.publish(make_moderator())
    data = {"decision": f"remove:{offer.pk}", f"seen-{offer.pk}": seen, f"reason-{offer.pk}": "Fraude."}
    [message] = told(client.post(QUEUE, data, follow=True))
    assert re.search("a changé depuis que vous l’avez lue.*publiée le .* par l’équipe du site", message)
    assert OfferEvent.objects.count() == 1


def test_a_template_fills_the_reason_and_nothing_leaves_before_it_is_read(client, moderator):
    offer, template = submitted(), ReturnReason.objects.first()
    page = push(client, "return", offer, **{f"template-{offer.pk}": template.pk})
    assert page.status_code == 200
    assert page.context["cases"][0].reason == template.text
    assert Offer.objects.get().status == OfferStatus.SUBMITTED
    page = push(client, "return", offer)
    assert "Indiquez le motif\u00a0: l’entreprise le lira." in told(page)
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


@pytest.mark.parametrize(
    "data",
    [{}, {"decision": "approve"}, {"decision": "approve:x"}, {"decision": "approve:" + "9" * 30}, {"decision": "x:1"},
     {"decision": "return:1", "template-1": "9" * 30}, {"decision": "approve:987654321"}],
)  # fmt: skip
def test_nonsense_changes_nothing(client, moderator, data):
    submitted()
    assert client.post(QUEUE, data, follow=True).status_code == 200
    assert Offer.objects.waiting().count() == 1


@pytest.mark.parametrize("group", ["Commercial", None])
def test_who_may_not_moderate_does_not(client, db, group):
    user = make_moderator(group) if group else make_user()
    client.force_login(user)
    offer = submitted()
    assert client.get(QUEUE).status_code in (302, 403)
    client.post(QUEUE, {"decision": f"approve:{offer.pk}", f"seen-{offer.pk}": offer.updated_at.isoformat()})
    assert Offer.objects.get().status == OfferStatus.SUBMITTED


def test_the_front_page_says_how_many_wait_and_since_when(client, moderator):
    submitted(waiting_since=timezone.now() - timedelta(days=5))
    submitted()
    line = client.get(reverse("admin:index")).context["todo"][0]
    assert (line.count, line.url, line.late) == (2, QUEUE, True)
    assert line.label.startswith("offres à relire, la plus ancienne depuis le ")


@pytest.mark.parametrize(("group", "may"), [("Curation", True), ("Modération", False)])
def test_curators_decide_which_company_is_trusted(client, db, group, may):
    client.force_login(make_moderator(group))
    company = make_company()
    data = {"action": "trust_companies", "_selected_action": [company.pk]}
    client.post(reverse("admin:companies_company_changelist"), data)
    assert Company.objects.get().trusted is may
    page = client.get(reverse("admin:companies_company_change", args=[company.pk])).content.decode()
    assert (CompanyChange.TRUSTED.label + ", par" in page or "<b>publie sans relecture</b>" in page) is may


def test_the_page_of_an_offer_tells_its_history_and_takes_a_reason(client, moderator):
    offer = submitted()
    change = reverse("admin:offers_offer_change", args=[offer.pk])
    page = client.get(change)
    from tests.admin.posting import filled

    client.post(change, filled(page, _return_="Renvoyer", _reason="Trop court."))
    offer.refresh_from_db()
    assert offer.status == OfferStatus.RETURNED
    assert "Trop court." in client.get(change).content.decode()
