"""An alert is created from a search, confirmed, sent and stopped."""

from playwright.sync_api import expect

from tests.browser.mails import find_path, messages_to, wait_for_mail

# Publish an offer, and send the alerts that are due.
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


def test_alert_is_created_confirmed_sent_and_stopped(open_page, site, javascript):
    word = "cryptographie" if javascript else "ergonomie"
    address = f"alerte-{word}@example.org"
    page = open_page(javascript=javascript)
    page.goto(f"/offres/?q={word}&ou=Lyon")
    expect(page.get_by_role("heading", name="Aucune offre ne réunit ces critères")).to_be_visible()
    page.get_by_role("link", name="Me prévenir par e-mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recevoir ces offres par e-mail")
    expect(page.get_by_role("main")).to_contain_text("Lyon (69)")
    page.get_by_label("Adresse e-mail").fill(address)
    page.get_by_label("Chaque lundi matin").check()
    # Longer than the minimum delay of the form.
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Créer l’alerte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consultez votre messagerie")

    page.goto(find_path(wait_for_mail(site, address, 1), "/alertes/confirmer/"))
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
    mail_text = wait_for_mail(site, address, 2)
    assert f"Chercheuse en {word} (H/F)" in mail_text
    assert messages_to(site, address)[1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page.goto(find_path(mail_text, r"/offres/\d+"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(word)

    page.goto(find_path(mail_text, "/alertes/arreter/"))
    page.get_by_role("button", name="Ne plus recevoir cette alerte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est arrêté.")
    page.goto(find_path(mail_text, "/alertes/gerer/"))
    expect(page.get_by_role("heading", name="Aucune alerte")).to_be_visible()
    assert len(messages_to(site, address)) == 2
