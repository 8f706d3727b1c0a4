"""A recruiter posts an offer: all steps with and without JavaScript, and from sign-up to expiry."""

from playwright.sync_api import expect

from tests.browser.checks import assert_accessible
from tests.browser.mails import wait_for_link

TEXT = "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la production. " * 4


def fill_steps(page, title):
    """Fill in the first two steps, from the dashboard."""
    page.goto("/recruteurs/")
    page.get_by_role("link", name="Publier une offre").first.click()
    page.get_by_label("Intitulé").fill(title)
    page.get_by_label("Métier").select_option(label="CTO")
    page.get_by_label("Contrat").select_option("cdi")
    page.get_by_label("Expérience attendue").select_option("expert")
    if page.get_by_label("Entreprise").is_visible():
        page.get_by_label("Entreprise").select_option(index=0)
    page.get_by_role("button", name="Enregistrer et continuer").click()

    expect(page.get_by_role("heading", level=2).first).to_have_text("Le lieu et la rémunération")
    page.locator("[name=place]").fill("Lyon (69)")
    page.get_by_label("Télétravail").select_option("2")
    page.get_by_label("De (€)").fill("80 000")
    page.get_by_label("À (€)").fill("90")
    page.get_by_label("À (€)").blur()


def test_offer_is_posted_in_all_steps(open_page, recruiter, javascript):
    title = f"Responsable technique {'avec' if javascript else 'sans'} scripts"
    page = open_page(javascript=javascript, state=recruiter)
    fill_steps(page, title)
    if javascript:
        # The comparison with the salary grid is updated while the form is filled in.
        expect(page.locator("#reperes")).to_contain_text("dans la fourchette")
        assert_accessible(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()

    page.get_by_label("Points forts").fill("Produit maison\nÉquipe stable")
    page.get_by_label("Description").fill(f"## Vos missions\n\n{TEXT}\n\nTenir les deadlines.")
    page.get_by_role("button", name="Aperçu du texte").click()
    expect(page.locator("#apercu").get_by_role("heading", name="Vos missions")).to_be_visible()
    page.locator("[name=others]").fill("Python")
    if javascript:
        page.locator("[name=others]").press_sequentially(", Java")
        page.get_by_role("option", name="JavaScript", exact=True).click()
        expect(page.locator("[name=others]")).to_have_value("Python, JavaScript")
        assert_accessible(page)
    # The list of skills is closed: Enter presses the default button of the form.
    page.locator("[name=others]").press("Enter")

    page.locator("[name=question_1]").fill("Pourquoi ce poste\u00a0?")
    if javascript:
        assert_accessible(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()

    expect(page.get_by_role("heading", name="À relire, sans obligation")).to_be_visible()
    expect(page.locator(".findings mark")).to_have_text("deadlines")
    if javascript:
        assert_accessible(page)
    page.get_by_role("link", name="Voir la page entière").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.get_by_role("link", name="Revenir à l’offre").click()
    page.get_by_role("link", name="Continuer").click()
    page.get_by_role("link", name="Vérification et envoi").click()
    page.get_by_role("button", name="Envoyer à la relecture").click()
    expect(page.locator(".messages")).to_contain_text("L’offre est envoyée")
    if javascript:
        assert_accessible(page)


EXPIRE = """
from datetime import timedelta
from django.utils import timezone
from offers.models import Offer
from offers.posting import tasks
now = timezone.now()
Offer.objects.filter(title={title!r}).update(
    published_at=now - timedelta(days=61), expires_at=now - timedelta(minutes=1))
tasks.expire_offers()
"""


def decide(page, title, button, reason=""):
    """Decide on the offer of that title in the moderation queue."""
    page.goto("/admin/offers/offer/moderation/")
    case = page.get_by_role("article", name=title)
    if reason:
        case.locator(".decide summary").click()
        case.locator("textarea").fill(reason)
    case.get_by_role("button", name=button).click()


def test_offer_is_returned_published_searchable_and_expires(open_page, site, curator, recruiter):
    email, title = "nora@example.org", "Pilote de la télémétrie"
    page, moderator, candidate = open_page(), open_page(state=curator), open_page()

    page.goto("/compte/signup/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill("motdepasse-d-essai")
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Ouvrir le compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos e-mails")
    page.goto(wait_for_link(site, email, "/compte/confirm-email/"))
    page.get_by_role("button", name="Oui, confirmer").click()
    page.get_by_role("link", name="Inscrire mon entreprise").first.click()
    page.get_by_label("Nom de l’entreprise").fill("Télémétrie du Nord")
    page.get_by_role("button", name="Inscrire l’entreprise").click()
    expect(page.locator(".messages")).to_contain_text("inscrite")

    fill_steps(page, title)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.locator("textarea[name=description]").fill(TEXT)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_role("button", name="Envoyer à la relecture").click()
    expect(page.locator(".messages")).to_contain_text("L’offre est envoyée")
    offer_url = page.url

    # A member of another company cannot open the pages of the offer.
    rival = open_page(state=recruiter)
    for path in ("", "etape/poste/", "etape/verification/", "apercu/", "modifier/", "retirer/", "candidatures/"):
        assert rival.goto(offer_url + path).status == 404

    decide(moderator, title, "Renvoyer", "Dites sur quoi porte la télémétrie.")
    page.goto(offer_url)
    expect(page.get_by_text("Dites sur quoi porte la télémétrie.").first).to_be_visible()
    page.get_by_role("link", name="Continuer").click()
    page.get_by_role("link", name="L’annonce").click()
    page.locator("textarea[name=description]").fill(f"{TEXT}\n\nElle porte sur des bateaux.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_role("link", name="Vérification et envoi").click()
    page.get_by_role("button", name="Envoyer à la relecture").click()
    expect(page.locator(".messages")).to_contain_text("L’offre est envoyée")

    decide(moderator, title, "Publier")
    result_link = candidate.get_by_role("link", name=title)
    for _ in range(60):
        candidate.goto("/offres/?q=télémétrie")
        if result_link.count():
            break
        candidate.wait_for_timeout(500)
    result_link.first.click()
    expect(candidate.get_by_text("Elle porte sur des bateaux.")).to_be_visible()

    site.run(EXPIRE.format(title=title))
    candidate.reload()
    expect(candidate.locator(".banner")).to_contain_text("Cette offre a expiré")
    candidate.goto("/offres/?q=télémétrie")
    expect(candidate.get_by_role("link", name=title)).to_have_count(0)
    page.goto(offer_url)
    expect(page.get_by_text("expirée", exact=True)).to_be_visible()
