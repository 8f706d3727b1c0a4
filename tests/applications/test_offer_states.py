"""The links of a candidate work in every status of the offer, and show no text that is not public."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.outbox import queue_mail
from jobboard.mail.tasks import send_outbox
from offers.applications.enums import ApplicationStatus, CvState
from offers.applications.models import Application
from offers.enums import OfferStatus
from offers.models import Offer
from offers.posting.drafts import duplicate_offer
from tests.admin.staff import make_superuser
from tests.applications.pdfs import make_pdf
from tests.factories import make_application, make_company, make_offer
from tests.offers.lifecycle import apply_verb

pytestmark = pytest.mark.django_db

# The verbs that bring a published offer into each state, its status, and whether its page can be read.
STATES = {
    "published": ("", "published", True),
    "renewed": ("renew", "published", True),
    "filled": ("fill", "filled", True),
    "withdrawn": ("withdraw", "withdrawn", True),
    "removed": ("remove", "removed", False),
    "returned": ("return_", "returned", False),
    "reopened": ("fill reopen", "draft", False),
    "reopened and submitted": ("fill reopen submit", "submitted", False),
    "reopened and published": ("fill reopen publish", "published", True),
    "reopened and withdrawn": ("fill reopen withdraw", "withdrawn", False),
    "reopened and removed": ("fill reopen submit remove", "removed", False),
    "published again": ("withdraw publish", "published", True),
    "restored": ("remove restore", "draft", False),
    "past its last day": ("end", "published", True),
    "expired": ("end expire", "expired", True),
    "expired and renewed": ("end expire renew", "published", True),
    "expired and reopened": ("end expire reopen", "draft", False),
    "closed for long": ("fill age", "filled", False),
}


def make_published_offer(**fields) -> Offer:
    """Return an offer that was published two days ago by its verb, which stores the published version."""
    offer = make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=None, **fields)
    offer.publish()
    Offer.objects.filter(pk=offer.pk).update(published_at=timezone.now() - timedelta(days=2))
    offer.refresh_from_db()
    return offer


def bring_into(state: str, offer: Offer) -> None:
    verbs, status, _ = STATES[state]
    changes = {
        "end": {"expires_at": timezone.now() - timedelta(minutes=1)},
        "age": {"closed_at": timezone.now() - timedelta(days=60)},
    }
    superuser = make_superuser()
    for verb in verbs.split():
        if verb in changes:
            Offer.objects.filter(pk=offer.pk).update(**changes[verb])
        else:
            apply_verb(offer, verb, superuser)
        offer.refresh_from_db()
    assert offer.status == status


def html_of(response) -> str:
    return response.content.decode()


def test_table_has_every_status_of_an_offer():
    assert {status for _, status, _ in STATES.values()} == set(OfferStatus.values)


@pytest.mark.parametrize("state", STATES)
def test_links_of_a_candidate_work_in_every_state_of_the_offer(client, state, django_capture_on_commit_callbacks):
    offer = make_published_offer(title="Développeuse Python", company=make_company(name="Ateliers"))
    application = make_application(offer=offer, cv="", cv_state=CvState.REFUSED, cv_reason="Le PDF est abîmé.")
    status_url = application.get_absolute_url()
    bring_into(state, offer)

    page = client.get(status_url)
    assert page.status_code == 200
    html = html_of(page)
    assert "Développeuse Python" in html
    assert "Ateliers" in html
    # The offer is linked exactly while its page can be read.
    readable = STATES[state][2]
    assert (client.get(offer.get_absolute_url()).status_code == 200) == readable
    assert (f'href="{offer.get_absolute_url()}"' in html) == readable
    # The application is not decided by what happens to the offer.
    assert "pas encore regardée" in html
    assert ("n’a pas indiqué de décision" in html) == (not offer.is_published())
    for text in ("ne pas poursuivre", "vous embauche", "non retenue"):
        assert text not in html
    application.refresh_from_db()
    assert (application.status, application.decided_at) == (ApplicationStatus.RECEIVED, None)

    with django_capture_on_commit_callbacks(execute=True):
        replaced = client.post(
            reverse("applications:cv", args=[application.token]), {"cv": ContentFile(make_pdf(), "Nouveau.pdf")}
        )
    assert (replaced.status_code, replaced.url) == (302, status_url)
    application.refresh_from_db()
    assert application.cv_name == "Nouveau.pdf"
    client.post(reverse("applications:keep", args=[application.token]), {"keep_for_others": "on"})
    application.refresh_from_db()
    assert application.keep_for_others
    for name in ("withdraw", "erase"):
        assert client.get(reverse(f"applications:{name}", args=[application.token])).status_code == 200
    assert client.post(reverse("applications:withdraw", args=[application.token])).url == status_url
    assert "Vous l’avez retirée" in html_of(client.get(status_url))
    client.post(reverse("applications:erase", args=[application.token]))
    assert not Application.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_mails_link_the_offer_only_while_its_page_can_be_read(client, state):
    offer = make_published_offer(title="Développeuse Python")
    application = make_application(offer=offer)
    bring_into(state, offer)
    for kind in ("confirmation", "again", "links"):
        queue_mail(f"applications.{kind}", application=application.pk)
    send_outbox()
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        assert application.get_absolute_url() in message.body
        assert "Développeuse Python" in message.body
    linking = sum(offer.get_absolute_url() in message.body for message in mail.outbox)
    assert linking == (2 if STATES[state][2] else 0)


@pytest.mark.parametrize("closing", ["", "withdraw", "submit remove"])
@pytest.mark.parametrize("verbs", ["fill reopen", "return_", "remove restore"])
def test_candidate_sees_the_published_version_of_an_offer_that_is_edited(client, verbs, closing):
    """The draft has a new title, and names an employer that was confidential."""
    company = make_company(name="Zorglub", answer_days=4)
    offer = make_published_offer(
        title="Développeuse Rust", company=company, confidential=True, employer_descriptor="Éditeur de logiciel"
    )
    application = make_application(offer=offer)
    superuser = make_superuser()
    for verb in verbs.split():
        apply_verb(offer, verb, superuser)
    offer.title, offer.confidential, offer.employer_descriptor = "Titre du brouillon", False, ""
    offer.save()
    for verb in closing.split():
        apply_verb(offer, verb, superuser)
    pages = [application.get_absolute_url()]
    pages += [reverse(f"applications:{name}", args=[application.token]) for name in ("withdraw", "erase")]
    for kind in ("confirmation", "again", "links"):
        queue_mail(f"applications.{kind}", application=application.pk)
    send_outbox()
    texts = [html_of(client.get(page)) for page in pages] + [f"{each.subject}\n{each.body}" for each in mail.outbox]
    for text in texts:
        assert "Zorglub" not in text
        assert "Titre du brouillon" not in text
    for text in texts[:-1]:
        assert "Développeuse Rust" in text
        assert "Éditeur de logiciel" in text
    if "remove" not in closing:
        # Once it is published again, the new text is public.
        Offer.objects.get(pk=offer.pk).publish()
        html = html_of(client.get(application.get_absolute_url()))
        assert "Titre du brouillon" in html
        assert "Zorglub" in html


def test_draft_for_another_company_shows_the_published_one(client):
    offer = make_published_offer(company=make_company(name="Ateliers"))
    application = make_application(offer=offer)
    offer.withdraw()
    offer.reopen()
    offer.company = make_company(name="Concurrent")
    offer.save()
    html = html_of(client.get(application.get_absolute_url()))
    assert "Ateliers" in html
    assert "Concurrent" not in html


def test_copy_of_an_offer_has_no_applications_and_changes_no_link(client):
    offer = make_published_offer(title="Développeuse Python")
    application = make_application(offer=offer)
    copy = duplicate_offer(offer)
    assert not copy.applications.exists()
    page = client.get(application.get_absolute_url())
    assert f'href="{offer.get_absolute_url()}"' in html_of(page)


def test_repeated_application_to_an_offer_that_was_reopened_tells_that_the_first_was_answered():
    """A declined candidate applies again after the offer was published again."""
    application = make_application(status="declined")
    queue_mail("applications.again", application=application.pk)
    send_outbox()
    (message,) = mail.outbox
    assert "a déjà reçu une réponse" in message.body
    assert "la seule qui compte" not in message.body


def test_status_page_needs_the_same_queries_in_every_state(client, django_assert_num_queries):
    counts = set()
    for state in ("published", "reopened", "removed"):
        application = make_application(offer=make_published_offer())
        bring_into(state, application.offer)
        with django_assert_num_queries(4) as captured:
            client.get(application.get_absolute_url())
        counts.add(len(captured))
    assert counts == {4}
