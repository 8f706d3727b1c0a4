"""The list of offers: cards of few lines, filters in a column or in a sheet, the link to skip them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.checks import find_overflow

MAX_HEIGHT = {1280: 125, 360: 150}
HEIGHTS = "cards => cards.map(card => card.getBoundingClientRect().height)"


def open_sheet(page):
    page.locator("#filtres > summary").click()
    expect(page.get_by_role("checkbox", name="CDI")).to_be_visible()


def see_results(page):
    return page.locator(".apply button")


@pytest.mark.parametrize("width", MAX_HEIGHT)
@pytest.mark.parametrize(
    "path",
    [
        *("/offres/", "/offres/?page=2", "/offres/?contrat=alternance", "/offres/?q=hopitaux&contrat=alternance"),
        *("/offres/?contrat=cdd&page=1", "/", "/metiers/cto/", "/entreprises/ateliers-numeriques/", "offer"),
    ],
)
def test_cards_are_low(open_page, site, path, width):
    page = open_page(width=width)
    page.goto(site.pages.get(path, path))
    cards = page.locator(".offers > .offer")
    assert cards.count()
    assert max(cards.evaluate_all(HEIGHTS)) <= MAX_HEIGHT[width]
    assert find_overflow(page) == ""


@pytest.mark.parametrize("width", MAX_HEIGHT)
def test_card_of_long_values_shows_every_fact(open_page, width):
    page = open_page(width=width)
    page.goto("/offres/?contrat=alternance")
    card = page.locator(".offer").first
    for text in ("3\u00a0j de télétravail", "Alternance", "Débutant"):
        fact = card.locator(".facts li", has_text=text)
        assert fact.evaluate(
            "li => { const line = li.closest('.line').getBoundingClientRect(), own = li.getBoundingClientRect();"
            " return own.bottom <= line.bottom + 1 && own.right <= line.right + 1; }"
        )
    expect(card.locator(".pay")).to_contain_text("brut par an")
    assert card.locator(".tags li").count() == 5


def test_pay_is_right_aligned_in_a_column(open_page):
    page = open_page()
    page.goto("/offres/?contrat=cdi")
    ends = "all => [...new Set(all.map(pay => Math.round(pay.getBoundingClientRect().right)))]"
    assert len(page.locator(".offer .pay").evaluate_all(ends)) == 1
    title, pay = page.locator(".offer h3").first.bounding_box(), page.locator(".offer .pay").first.bounding_box()
    assert pay["x"] >= title["x"] + title["width"]
    expect(page.locator(".offer .pay.none").first).to_have_text("Salaire non communiqué")


def test_first_view_of_the_list_is_small(open_page):
    response = open_page().goto("/offres/")
    assert len(response.body()) <= 60_000


def test_column_stays_and_its_button_is_in_sight(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/offres/")
    expect(see_results(page)).to_be_in_viewport(ratio=1)
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 1200)
    expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()
    expect(page.get_by_role("checkbox", name="Freelance")).to_be_in_viewport(ratio=1)
    expect(see_results(page)).to_be_in_viewport(ratio=1)


def test_ticking_shows_the_count_and_the_first_cards(open_page):
    page = open_page()
    page.goto("/offres/")
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 1200)
    expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()
    box = page.get_by_role("checkbox", name="CDD")
    before = box.bounding_box()
    box.check()
    expect(page).to_have_url(re.compile("contrat=cdd"))
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    expect(page.locator(".offer").first).to_be_in_viewport(ratio=1)
    # What was ticked does not move under the pointer.
    assert abs(box.bounding_box()["y"] - before["y"]) <= 1
    expect(page.locator("#choisi-contrat")).to_have_text("CDD")


def test_four_groups_are_open_and_the_others_say_what_is_chosen(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/offres/?experience=confirme&region=84")
    groups = page.locator("details.group")
    assert groups.evaluate_all("all => all.map(group => group.open)") == [True] * 4 + [False] * 6
    expect(page.locator("#groupe-lieu > summary")).to_contain_text("Auvergne-Rhône-Alpes")
    expect(page.locator("#groupe-experience > summary")).to_contain_text("Confirmé")
    expect(page.get_by_label("Région")).to_be_hidden()
    page.locator("#groupe-lieu > summary").click()
    expect(page.get_by_label("Région")).to_be_visible()


def test_groups_stay_as_they_are_when_a_link_replaces_the_form(open_page):
    page = open_page()
    page.goto("/offres/?contrat=cdi")
    page.locator("#groupe-lieu > summary").click()
    page.locator("#groupe-experience > summary").click()
    page.get_by_role("list", name="Filtres actifs").get_by_role("link", name=re.compile("CDI")).click()
    expect(page).to_have_url(re.compile("/offres/$"))
    expect(page.get_by_label("Région")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Confirmé")).to_be_hidden()


def test_sheet_covers_the_page_and_leads_to_the_results(open_page, javascript):
    page = open_page(javascript=javascript, width=360)
    page.goto("/offres/")
    open_sheet(page)
    sheet, button = page.locator("#filtres"), see_results(page)
    assert sheet.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 900}
    page.mouse.move(180, 450)
    page.mouse.wheel(0, 4000)
    page.wait_for_timeout(200)
    # Head and foot stay.
    expect(page.locator("#filtres .close")).to_be_in_viewport(ratio=1)
    expect(button).to_be_in_viewport(ratio=1)
    page.mouse.wheel(0, -4000)
    page.get_by_role("checkbox", name="CDD").check()
    if javascript:
        expect(button).to_have_text(re.compile(r"Voir les \d+ offres"), use_inner_text=True)
        expect(page).to_have_url(re.compile("contrat=cdd"))
        count = page.locator("#nombre").text_content().strip()
        expect(button).to_have_text(f"Voir les {count}", use_inner_text=True)
    else:
        expect(button).to_have_text("Voir les offres", use_inner_text=True)
    button.click()
    expect(page).to_have_url(re.compile("contrat=cdd"))
    expect(page.get_by_role("checkbox", name="CDD")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    if javascript:
        expect(page.locator("#nombre")).to_be_focused()
    expect(page.locator(".offer").first).to_be_in_viewport()


def test_sheet_is_closed_by_its_head(open_page, javascript):
    page = open_page(javascript=javascript, width=360)
    page.goto("/offres/")
    open_sheet(page)
    page.get_by_text("Fermer").click()
    expect(page.get_by_role("checkbox", name="CDI")).to_be_hidden()
    expect(page.get_by_role("link", name="Jobboard")).to_be_visible()
    expect(page.locator(".offer").first).to_be_visible()


def test_sheet_clears_the_filters_only(open_page, javascript):
    page = open_page(javascript=javascript, width=360)
    page.goto("/offres/?q=ing%C3%A9nieur&ou=Lyon&contrat=cdd&region=84")
    open_sheet(page)
    page.get_by_role("link", name="Effacer", exact=True).click()
    expect(page).to_have_url(re.compile(r"/offres/\?q=ing%C3%A9nieur&ou=Lyon$"))
    if javascript:
        # The sheet is still open, and has the focus.
        expect(page.get_by_role("checkbox", name="CDD")).to_be_visible()
        expect(page.get_by_role("link", name="Effacer", exact=True)).to_be_focused()
    expect(page.locator("#choix-contrat input:checked")).to_have_count(0)


def test_keyboard_stays_in_the_sheet_until_escape(open_page):
    page = open_page(width=360)
    page.goto("/offres/")
    summary = page.locator("#filtres > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="CDI")).to_be_visible()
    page.get_by_role("checkbox", name="CDD").check()
    expect(page).to_have_url(re.compile("contrat=cdd"))
    expect(page.get_by_role("checkbox", name="CDD")).to_be_focused()
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('.sheet')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("checkbox", name="CDI")).to_be_hidden()
    expect(summary).to_be_focused()
    assert page.locator("[inert]").count() == 0


def test_link_to_a_pay_bracket_keeps_the_focus_in_the_sheet(open_page):
    page = open_page(width=360)
    page.goto("/offres/")
    open_sheet(page)
    page.locator("#paliers-salaire a").first.click()
    expect(page).to_have_url(re.compile("salaire="))
    expect(page.locator("#groupe-remuneration > summary")).to_be_focused()
    expect(page.locator("#choisi-remuneration")).to_contain_text("dès")


def test_sheet_of_an_open_phone_becomes_a_column_of_a_wide_screen(open_page):
    page = open_page(width=360)
    page.goto("/offres/")
    open_sheet(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".offer").first).to_be_in_viewport()
    expect(page.locator("[inert]")).to_have_count(0)


def test_skip_link_leads_to_the_offers(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/offres/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Aller aux offres")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#nombre")).to_be_focused()


def test_filters_are_not_printed(open_page):
    page = open_page(width=794)
    page.goto("/offres/")
    page.emulate_media(media="print")
    expect(page.locator(".filters-column")).to_be_hidden()
    expect(page.locator(".offer .pay").first).to_be_visible()
    assert find_overflow(page) == ""
