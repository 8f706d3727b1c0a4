"""The main paths, walked by clicking and typing, with JavaScript and without."""

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.smoke

MISSION = "Mission réécrite par un essai."


def test_from_home_to_the_salary_grid_of_a_cto(visit, javascript):
    page = visit(javascript=javascript)
    page.goto("/")
    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Métiers").click()
    expect(page).to_have_url(re.compile("/metiers/$"))
    page.get_by_role("main").get_by_role("link", name="CTO").first.click()
    expect(page).to_have_url(re.compile("/metiers/cto/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("CTO")

    # By the contents list to the grid: a row for each level, a column for each zone.
    page.get_by_role("navigation", name="Sommaire").get_by_role("link", name=re.compile("salaire", re.I)).click()
    grid = page.get_by_role("table")
    expect(grid).to_be_in_viewport()
    columns = grid.get_by_role("columnheader")
    expect(columns).to_have_text(["Expérience", "Paris", "Grandes villes", "Régions"])
    expect(grid.get_by_role("rowheader")).to_have_text([re.compile("^Confirmé"), re.compile("^Expert")])
    expect(grid.get_by_role("cell").first).to_have_text(re.compile(r"\d+"))
    # The picture says the same.
    expect(page.get_by_role("img", name=re.compile("Fourchettes de salaire"))).to_be_visible()


def test_filter_by_town_and_contract_and_open_an_offer(visit, site, javascript):
    page = visit(javascript=javascript)
    page.goto("/")
    search = page.get_by_role("search")
    where = search.locator("[name=ou]")
    if javascript:
        where.press_sequentially("lyo")
        expect(page.get_by_role("option").first).to_contain_text("Lyon")
        where.press("ArrowDown")
        where.press("Enter")
        expect(where).to_have_value("Lyon (69)")
    else:
        where.fill("Lyon")
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
        page.get_by_role("button", name="Afficher les offres").click()
    expect(page).to_have_url(re.compile(r"contrat=freelance"))
    expect(page).to_have_url(re.compile(r"ou=Lyon"))
    expect(cards).to_have_count(1)
    expect(cards.first).to_contain_text("Architecte cloud")
    chips = page.get_by_role("list", name="Filtres actifs")
    expect(chips.get_by_role("link", name=re.compile("Freelance"))).to_be_visible()

    cards.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Architecte cloud")
    expect(page.get_by_role("heading", level=1)).to_contain_text("(H/F)")

    # The address is the search: back returns to it, and it is the same for somebody else.
    page.go_back()
    expect(cards).to_have_count(1)
    expect(page.get_by_role("checkbox", name="Freelance")).to_be_checked()
    other = visit(javascript=javascript)
    other.goto(page.url)
    expect(other.locator("#resultats .offer")).to_have_count(1)

    # A chip takes its filter away again.
    chips.get_by_role("link", name=re.compile("Freelance")).click()
    expect(page).not_to_have_url(re.compile("contrat="))
    expect(cards).to_have_count(before)


def test_pages_of_results_and_an_empty_one(visit, javascript):
    page = visit(javascript=javascript)
    page.goto("/offres/")
    first = page.locator("#resultats .offer h3").first.inner_text()
    page.get_by_role("navigation", name=re.compile("Pages")).get_by_role("link", name="Suivante").click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.locator("#resultats .offer h3").first).not_to_have_text(first)
    page.goto("/offres/?contrat=interim&ou=Lyon")
    expect(page.get_by_role("heading", name="Aucune offre ne réunit ces critères")).to_be_visible()


def test_a_value_that_makes_no_sense_is_reported_and_the_rest_applies(visit, javascript):
    page = visit(javascript=javascript)
    page.goto("/offres/?contrat=freelance")
    freelance = page.locator("#resultats .offer").count()
    page.goto("/offres/?ou=Nulleparville&contrat=freelance")
    expect(page.locator(".notice.warn")).to_be_visible()
    expect(page.locator("#resultats .offer")).to_have_count(freelance)
    where = page.locator("#champ-ou input")
    expect(where).to_have_attribute("aria-invalid", "true")
    # With htmx only the message comes; the field that it speaks of is left to who fills it in.
    where.fill("Lyon")
    where.press("Enter")
    expect(page.locator(".notice.warn")).to_have_count(0)
    expect(where).not_to_have_attribute("aria-invalid", "true")
    where.fill("Nulleparville")
    where.press("Enter")
    expect(where).to_have_attribute("aria-invalid", "true")


def test_a_recruiter_writes_and_a_curator_reads(visit, site, curator, javascript):
    name = f"Ada Lovelace {'avec' if javascript else 'sans'}"
    sent = len(site.recipients)
    page = visit(javascript=javascript)
    page.goto("/metiers/cto/")
    page.locator("#recruter").get_by_role("link", name="Être recontacté").click()
    form = page.locator("main form")
    expect(form.get_by_label("Poste à pourvoir")).to_have_value("CTO")
    form.get_by_label("Nom", exact=True).fill(name)
    form.get_by_label("Entreprise").fill("Analytique SA")
    form.get_by_label("Adresse e-mail").fill("ada@")
    form.get_by_label("Message").fill("Je cherche une directrice technique à Lyon.")
    # The form is younger than a person could be: wait for what the site asks of one.
    page.wait_for_timeout(1500)
    # Let the server find the mistake, as it must where the browser does not look.
    form.evaluate("form => { form.noValidate = true }") if javascript else form.get_by_label("Adresse e-mail").fill(
        "ada@x"
    )
    form.get_by_role("button", name="Envoyer").click()

    # What was typed survives the mistake.
    expect(page.get_by_role("alert")).to_contain_text("Adresse e-mail")
    expect(page.get_by_label("Nom", exact=True)).to_have_value(name)
    expect(page.get_by_label("Message")).to_have_value("Je cherche une directrice technique à Lyon.")
    page.get_by_label("Adresse e-mail").fill("ada@example.org")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")

    admin = visit(javascript=javascript, state=curator)
    admin.goto("/admin/contact/lead/")
    admin.get_by_role("link", name=name).first.click()
    expect(admin.locator("body")).to_contain_text("Je cherche une directrice technique à Lyon.")
    admin.get_by_label("État", exact=False).first.select_option(label="contactée")
    admin.locator("input[name=_save]").first.click()
    expect(admin.locator(".messagelist .success")).to_be_visible()
    admin.goto("/admin/contact/lead/?q=" + name.replace(" ", "+"))
    expect(admin.locator("#result_list tbody tr")).to_have_count(1)
    expect(admin.locator("#result_list")).to_contain_text("contactée")

    # Both mails leave by the task worker, after the page has been answered.
    end = time.monotonic() + 60
    while time.monotonic() < end and len(site.recipients) < sent + 2:
        time.sleep(0.25)
    assert sorted(site.recipients[sent:]) == ["Jobboard <site@example.org>", "ada@example.org"]


def test_a_curator_edits_a_mission_and_sees_it_on_the_page(visit, curator, javascript):
    admin = visit(javascript=javascript, state=curator)
    admin.goto("/admin/careers/role/?q=CTO")
    admin.locator("#result_list").get_by_role("link", name="CTO").click()
    field = admin.locator("[name=mission-0-text]")
    before = field.input_value()
    assert before

    def save(text):
        field.fill(text)
        admin.locator("input[name=_continue]").first.click()
        expect(admin.locator(".messagelist .success")).to_be_visible()

    visitor = visit(javascript=javascript)
    save(MISSION)
    try:
        visitor.goto("/metiers/cto/")
        expect(visitor.get_by_role("main")).to_contain_text(MISSION)
    finally:
        save(before)
    visitor.reload()
    expect(visitor.get_by_role("main")).not_to_contain_text(MISSION)
    expect(visitor.get_by_role("main")).to_contain_text(before)


def test_a_recruiter_sees_the_offers_of_the_company(visit, recruiter, javascript):
    page = visit(javascript=javascript)
    page.goto("/recruteurs/")
    expect(page).to_have_url(re.compile("/compte/login/"))
    page = visit(javascript=javascript, state=recruiter)
    page.goto("/recruteurs/")
    expect(page.get_by_role("main")).to_contain_text("Ateliers Numériques")


def test_a_recruiter_confirms_several_offers_at_once(visit, recruiter, javascript):
    page = visit(javascript=javascript, state=recruiter)
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


@pytest.mark.parametrize("address", ["/nulle-part/", "gone", "/?q=%00"])
def test_an_error_page_leads_on(visit, site, javascript, address):
    page = visit(javascript=javascript)
    response = page.goto(site.pages.get(address, address))
    assert response.status == {"/nulle-part/": 404, "gone": 410, "/?q=%00": 400}[address]
    page.get_by_role("main").get_by_role("link", name="Chercher une offre").click()
    expect(page).to_have_url(re.compile("/offres/$"))
