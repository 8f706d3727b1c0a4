"""The main paths by mouse and keyboard, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.mails import INTERVAL, TIMEOUT
from tests.waiting import wait_until

pytestmark = pytest.mark.smoke

MISSION = "Mission réécrite par un essai."


def test_salary_grid_is_reached_from_the_home_page(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/")
    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Métiers").click()
    expect(page).to_have_url(re.compile("/metiers/$"))
    page.get_by_role("main").get_by_role("link", name="CTO").first.click()
    expect(page).to_have_url(re.compile("/metiers/cto/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("CTO")

    # The table of contents links to the grid: a row for each level, a column for each zone.
    page.get_by_role("navigation", name="Sommaire").get_by_role("link", name=re.compile("salaire", re.I)).click()
    grid = page.get_by_role("table")
    expect(grid).to_be_in_viewport()
    columns = grid.get_by_role("columnheader")
    expect(columns).to_have_text(["Expérience", "Paris", "Grandes villes", "Régions"])
    expect(grid.get_by_role("rowheader")).to_have_text([re.compile("^Confirmé"), re.compile("^Expert")])
    expect(grid.get_by_role("cell").first).to_have_text(re.compile(r"\d+"))
    # The chart shows the same figures.
    expect(page.get_by_role("img", name=re.compile("Fourchettes de salaire"))).to_be_visible()


def test_offers_are_filtered_by_town_and_contract(open_page, site, javascript):
    page = open_page(javascript=javascript)
    page.goto("/")
    search = page.get_by_role("search")
    town_field = search.locator("[name=ou]")
    if javascript:
        town_field.press_sequentially("lyo")
        expect(page.get_by_role("option").first).to_contain_text("Lyon")
        town_field.press("ArrowDown")
        town_field.press("Enter")
        expect(town_field).to_have_value("Lyon (69)")
    else:
        town_field.fill("Lyon")
    search.get_by_role("button", name="Rechercher").click()
    expect(page).to_have_url(re.compile(r"/offres/\?.*ou=Lyon"))
    cards = page.locator("#resultats .offer")
    before = cards.count()
    assert before
    for place in cards.locator(".facts li:first-child").all_inner_texts():
        assert "(69)" in place

    freelance = page.get_by_role("checkbox", name="Freelance")
    if not freelance.is_visible():
        page.locator("#filtres > summary").click()
    freelance.check()
    if not javascript:
        page.get_by_role("button", name="Voir les offres").click()
    expect(page).to_have_url(re.compile(r"contrat=freelance"))
    expect(page).to_have_url(re.compile(r"ou=Lyon"))
    expect(cards).to_have_count(1)
    expect(cards.first).to_contain_text("Architecte cloud")
    chips = page.get_by_role("list", name="Filtres actifs")
    expect(chips.get_by_role("link", name=re.compile("Freelance"))).to_be_visible()

    cards.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Architecte cloud")
    expect(page.get_by_role("heading", level=1)).to_contain_text("(H/F)")

    # The URL holds the search: it works with the back button and for another visitor.
    page.go_back()
    expect(cards).to_have_count(1)
    expect(page.get_by_role("checkbox", name="Freelance")).to_be_checked()
    other = open_page(javascript=javascript)
    other.goto(page.url)
    expect(other.locator("#resultats .offer")).to_have_count(1)

    # A chip removes its filter.
    chips.get_by_role("link", name=re.compile("Freelance")).click()
    expect(page).not_to_have_url(re.compile("contrat="))
    expect(cards).to_have_count(before)


def test_pagination_and_search_without_matches(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/offres/")
    first = page.locator("#resultats .offer h3").first.inner_text()
    page.get_by_role("navigation", name=re.compile("Pages")).get_by_role("link", name="Suivante").click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.locator("#resultats .offer h3").first).not_to_have_text(first)
    page.goto("/offres/?contrat=interim&ou=Lyon")
    expect(page.get_by_role("heading", name="Aucune offre ne réunit ces critères")).to_be_visible()


def test_invalid_value_is_reported_and_other_filters_apply(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/offres/?contrat=freelance")
    freelance = page.locator("#resultats .offer").count()
    page.goto("/offres/?salaire=beaucoup&contrat=freelance")
    expect(page.locator(".notice.warn")).to_be_visible()
    expect(page.locator("#resultats .offer")).to_have_count(freelance)
    page.goto("/offres/?ou=Nulleparville&contrat=freelance")
    expect(page.get_by_role("heading", name="Quelle ville")).to_be_visible()
    expect(page.locator("#resultats .offer")).to_have_count(0)
    town_field = page.locator("#champ-ou input")
    expect(town_field).to_have_attribute("aria-invalid", "true")
    # htmx replaces the message only, not the field that is being edited.
    town_field.fill("Lyon")
    town_field.press("Enter")
    expect(page.get_by_role("heading", name="Quelle ville")).to_have_count(0)
    expect(town_field).not_to_have_attribute("aria-invalid", "true")
    town_field.fill("Nulleparville")
    town_field.press("Enter")
    expect(town_field).to_have_attribute("aria-invalid", "true")


def test_contact_form_creates_a_lead_and_sends_mails(open_page, site, curator, javascript):
    name = f"Ada Lovelace {'avec' if javascript else 'sans'}"
    sent_before = len(site.recipients)
    page = open_page(javascript=javascript)
    page.goto("/metiers/cto/")
    page.locator("#recruter").get_by_role("link", name="Être recontacté").click()
    form = page.locator("main form")
    expect(form.get_by_label("Poste à pourvoir")).to_have_value("CTO")
    form.get_by_label("Nom", exact=True).fill(name)
    form.get_by_label("Entreprise").fill("Analytique SA")
    form.get_by_label("Adresse e-mail").fill("ada@")
    form.get_by_label("Message").fill("Je cherche une directrice technique à Lyon.")
    # Longer than the minimum delay of the form.
    page.wait_for_timeout(1500)
    # The server has to validate, as if the browser did not.
    form.evaluate("form => { form.noValidate = true }") if javascript else form.get_by_label("Adresse e-mail").fill(
        "ada@x"
    )
    form.get_by_role("button", name="Envoyer").click()

    # The form keeps the values.
    expect(page.get_by_role("alert")).to_contain_text("Adresse e-mail")
    expect(page.get_by_label("Nom", exact=True)).to_have_value(name)
    expect(page.get_by_label("Message")).to_have_value("Je cherche une directrice technique à Lyon.")
    page.get_by_label("Adresse e-mail").fill("ada@example.org")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")

    admin = open_page(javascript=javascript, state=curator)
    admin.goto("/admin/contact/lead/")
    admin.get_by_role("link", name=name).first.click()
    expect(admin.locator("body")).to_contain_text("Je cherche une directrice technique à Lyon.")
    admin.get_by_label("État", exact=False).first.select_option(label="contactée")
    admin.locator("input[name=_save]").first.click()
    expect(admin.locator(".messagelist .success")).to_be_visible()
    admin.goto("/admin/contact/lead/?q=" + name.replace(" ", "+"))
    expect(admin.locator("#result_list tbody tr")).to_have_count(1)
    expect(admin.locator("#result_list")).to_contain_text("contactée")

    # The task worker sends both mails after the response.
    wait_until(lambda: len(site.recipients) >= sent_before + 2, TIMEOUT, INTERVAL)
    assert sorted(site.recipients[sent_before:]) == ["Jobboard <site@example.org>", "ada@example.org"]


def test_candidate_writes_without_a_company(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/contact/")
    form = page.locator("main form")
    company = form.get_by_label("Entreprise qui recrute")
    form.get_by_label("Sujet").select_option(label="Je recrute")
    expect(company).to_be_visible()
    form.get_by_label("Sujet").select_option(label="Candidature ou recherche d’emploi")
    expect(company).to_be_hidden()
    form.get_by_label("Nom", exact=True).fill("Camille Durand")
    form.get_by_label("Adresse e-mail").fill("camille@example.org")
    form.get_by_label("Message").fill("Je ne retrouve pas le lien de ma candidature.")
    page.wait_for_timeout(1500)
    form.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")


def test_edited_mission_is_shown_on_the_page(open_page, curator, javascript):
    admin = open_page(javascript=javascript, state=curator)
    admin.goto("/admin/careers/role/?q=CTO")
    admin.locator("#result_list").get_by_role("link", name="CTO").click()
    field = admin.locator("[name=mission-0-text]")
    before = field.input_value()
    assert before

    def save(text):
        field.fill(text)
        admin.locator("input[name=_continue]").first.click()
        expect(admin.locator(".messagelist .success")).to_be_visible()

    visitor = open_page(javascript=javascript)
    save(MISSION)
    try:
        visitor.goto("/metiers/cto/")
        expect(visitor.get_by_role("main")).to_contain_text(MISSION)
    finally:
        save(before)
    visitor.reload()
    expect(visitor.get_by_role("main")).not_to_contain_text(MISSION)
    expect(visitor.get_by_role("main")).to_contain_text(before)


def test_recruiter_sees_the_dashboard_after_sign_in(open_page, recruiter, javascript):
    page = open_page(javascript=javascript)
    page.goto("/recruteurs/")
    expect(page).to_have_url(re.compile("/compte/login/"))
    page = open_page(javascript=javascript, state=recruiter)
    page.goto("/recruteurs/")
    expect(page.get_by_role("main")).to_contain_text("Ateliers Numériques")


def test_recruiter_confirms_several_offers_at_once(open_page, recruiter, javascript):
    page = open_page(javascript=javascript, state=recruiter)
    page.goto("/recruteurs/")
    page.get_by_label("Titre, référence ou ville").fill("cto")
    page.get_by_role("button", name="Chercher").click()
    boxes = page.get_by_role("checkbox", name="Choisir CTO")
    expect(boxes).to_have_count(5)
    tick_all = page.get_by_role("button", name="Tout cocher")
    if javascript:
        tick_all.click()
    else:
        expect(tick_all).to_be_hidden()
        for box in boxes.all():
            box.check()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("main")).to_contain_text("5 offres confirmées")
    expect(page).to_have_url(re.compile(r"/recruteurs/\?q=cto$"))


@pytest.mark.parametrize("path", ["/nulle-part/", "gone", "/?q=%00"])
def test_error_page_links_to_the_offers(open_page, site, javascript, path):
    page = open_page(javascript=javascript)
    response = page.goto(site.pages.get(path, path))
    assert response.status == {"/nulle-part/": 404, "gone": 410, "/?q=%00": 400}[path]
    page.get_by_role("main").get_by_role("link", name="Chercher une offre").click()
    expect(page).to_have_url(re.compile("/offres/$"))
