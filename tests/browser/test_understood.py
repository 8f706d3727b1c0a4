"""What the search box understands, on phone and desktop, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import find_overflow

WIDTHS = pytest.mark.parametrize("width", [360, 1280])


def search_field(page):
    return page.locator("#id_q")


def search_for(page, text):
    page.goto("/offres/")
    search_field(page).fill(text)
    search_field(page).press("Enter")


def chip(page, text):
    return page.locator(".chips a", has_text=text)


@WIDTHS
def test_conditions_are_shown_and_removed(open_page, javascript, width):
    page = open_page(javascript=javascript, width=width)
    search_for(page, "cto cdi lyon 4000 net")
    for text in ("contrat CDI", "lieu Lyon (69)", "mots cto"):
        expect(chip(page, text)).to_have_count(1)
    expect(page.locator("#erreurs-q")).to_contain_text("« 4000 net » n’est pas compris")
    assert find_overflow(page) == ""
    chip(page, "lieu Lyon (69)").click()
    expect(chip(page, "lieu")).to_have_count(0)
    expect(page).to_have_url("/offres/?q=cto+cdi+4000+net")
    expect(search_field(page)).to_have_value("cto cdi 4000 net")
    expect(page.locator(".offer").first).to_contain_text("CTO")


@WIDTHS
def test_words_are_searched_as_they_are_and_understood_again(open_page, javascript, width):
    page = open_page(javascript=javascript, width=width)
    search_for(page, "cto lyon")
    page.get_by_role("link", name="Chercher ces mots tels quels").click()
    expect(page).to_have_url("/offres/?q=cto+lyon&exact=1")
    expect(chip(page, "lieu")).to_have_count(0)
    page.get_by_role("link", name="Comprendre la recherche").click()
    expect(chip(page, "lieu Lyon (69)")).to_have_count(1)


@WIDTHS
def test_search_without_results_leads_on(open_page, javascript, width):
    page = open_page(javascript=javascript, width=width)
    search_for(page, "cto stage lyon")
    expect(page.get_by_role("heading", name="Aucune offre ne réunit ces critères")).to_be_visible()
    assert find_overflow(page) == ""
    way = page.locator(".ways-out li", has=page.locator("a")).first
    count = way.locator("b").inner_text().split()[0]
    way.locator("a").click()
    expect(page.locator("#nombre")).to_contain_text(f"{count} offre")


@WIDTHS
def test_shortcut_adds_a_criterion(open_page, javascript, width):
    page = open_page(javascript=javascript, width=width)
    page.goto("/offres/")
    page.locator(".shortcuts a", has_text="Freelance").click()
    expect(page).to_have_url("/offres/?contrat=freelance")
    expect(chip(page, "Freelance")).to_have_count(1)
    assert find_overflow(page) == ""


def test_first_offer_is_in_the_first_screen_of_a_phone(open_page):
    page = open_page(width=360)
    page.goto("/offres/?q=cto+cdi+grenoble")
    assert page.locator(".offer").first.bounding_box()["y"] < 520


def test_suggestion_completes_a_condition_by_keyboard(open_page):
    page = open_page()
    page.goto("/offres/")
    box = search_field(page)
    box.press_sequentially("cto freel", delay=40)
    option = page.get_by_role("option", name="freelance, Freelance")
    expect(option).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(chip(page, "contrat Freelance")).to_have_count(1)


def test_conditions_are_printed_neither_as_links_nor_buttons(open_page):
    page = open_page()
    page.goto("/offres/?q=cto+cdi+grenoble")
    page.emulate_media(media="print")
    for name in (".chips", ".shortcuts", ".elsewhere"):
        assert page.locator(name).evaluate_all("all => all.every(one => !one.checkVisibility())")
