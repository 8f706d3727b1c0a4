"""A recruiter posts an offer through all steps, with JavaScript and without."""

from playwright.sync_api import expect

from tests.browser.test_accounts import is_good

TEXT = "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la production. " * 4


def fill_steps(page, title):
    """From the dashboard to the last step."""
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


def test_all_steps_with_and_without_javascript(visit, recruiter, javascript):
    title = f"Responsable technique {'avec' if javascript else 'sans'} scripts"
    page = visit(javascript=javascript, state=recruiter)
    fill_steps(page, title)
    if javascript:
        # The grid answers while the form is being filled in.
        expect(page.locator("#reperes")).to_contain_text("dans la fourchette")
        is_good(page)
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
        is_good(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()

    page.locator("[name=question_1]").fill("Pourquoi ce poste\u00a0?")
    if javascript:
        is_good(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()

    expect(page.get_by_role("heading", name="À relire, sans obligation")).to_be_visible()
    expect(page.locator(".findings mark")).to_have_text("deadlines")
    if javascript:
        is_good(page)
    page.get_by_role("link", name="Voir la page entière").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.get_by_role("link", name="Revenir à l’offre").click()
    page.get_by_role("link", name="Continuer").click()
    page.get_by_role("link", name="Vérification et envoi").click()
    page.get_by_role("button", name="Envoyer à la relecture").click()
    expect(page.locator(".messages")).to_contain_text("L’offre est envoyée")
    if javascript:
        is_good(page)
