"""An alert from the search to the mail, and from the mail to its end."""

import email
import email.policy
import re
import time

from playwright.sync_api import expect

# What a recruiter and the next morning do.
PUBLISH = """
import time
from datetime import timedelta
from django.utils import timezone
from offers.alerts.models import Alert
from offers.companies.models import Company
from offers.places.models import Place
from offers.indexing.health import seconds_since_agreed
from offers.search.snapshot import current_snapshot
from tests.factories import make_offer
before = current_snapshot().generation
company, place = Company.objects.get(name="Ateliers Numériques"), Place.objects.get(insee_code="69123")
make_offer(title="Chercheuse en {word}", company=company, place=place, age=timedelta(0))
end = time.monotonic() + 30
while current_snapshot().generation == before and time.monotonic() < end:
    time.sleep(.1)
Alert.objects.filter(email="{address}", due_at__isnull=False).update(due_at=timezone.now())
from offers.alerts import sending
sending.run()
"""


def mails_to(site, address) -> list:
    """Those that have left, the oldest first."""
    found = []
    for text in site.mails:
        message = email.message_from_string(text, policy=email.policy.default)
        if message["To"] == address:
            found.append(message)
    return found


def wait_for_mail(site, address, number):
    end = time.monotonic() + 60
    while time.monotonic() < end and len(mails_to(site, address)) < number:
        time.sleep(0.25)
    return mails_to(site, address)[number - 1].get_body(("plain",)).get_content()


def link_in(text, page):
    return re.search(rf"http://\S+(/alertes/{page}/\S+)", text)[1]


def test_an_alert_from_the_search_to_the_mail_to_the_end(visit, site, javascript):
    word = "cryptographie" if javascript else "ergonomie"
    address = f"alerte-{word}@example.org"
    page = visit(javascript=javascript)
    page.goto(f"/offres/?q={word}&ou=Lyon")
    expect(page.get_by_role("heading", name="Aucune offre ne réunit ces critères")).to_be_visible()
    page.get_by_role("link", name="M’écrire quand il en paraît").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recevoir ces offres par e-mail")
    expect(page.get_by_role("main")).to_contain_text("Lyon (69)")
    page.get_by_label("Adresse e-mail").fill(address)
    page.get_by_label("Chaque lundi matin").check()
    # The form is younger than a person could be.
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Créer l’alerte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consultez votre messagerie")

    page.goto(link_in(wait_for_mail(site, address, 1), "confirmer"))
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est confirmé.")
    expect(page.get_by_role("main")).to_contain_text("chaque lundi matin")
    page.get_by_role("link", name="Gérer mes alertes").click()
    page.get_by_role("button", name="Passer à chaque matin").click()
    expect(page.get_by_role("status").first).to_contain_text("Alerte envoyée désormais chaque matin")
    page.get_by_role("button", name="Suspendre").click()
    expect(page.get_by_text("suspendue", exact=True)).to_be_visible()
    page.get_by_role("button", name="Reprendre").click()
    expect(page.get_by_text("active", exact=True)).to_be_visible()

    site.run(PUBLISH.format(word=word, address=address))
    text = wait_for_mail(site, address, 2)
    assert f"Chercheuse en {word} (H/F)" in text
    assert mails_to(site, address)[1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page.goto(re.search(r"http://\S+(/offres/\d+\S+)", text)[1])
    expect(page.get_by_role("heading", level=1)).to_contain_text(word)

    page.goto(link_in(text, "arreter"))
    page.get_by_role("button", name="Ne plus recevoir cette alerte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est arrêté.")
    page.goto(link_in(text, "gerer"))
    expect(page.get_by_role("heading", name="Aucune alerte")).to_be_visible()
    assert len(mails_to(site, address)) == 2
