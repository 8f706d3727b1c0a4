"""The main paths by keyboard: the focus is always visible and never trapped."""

import re

from playwright.sync_api import expect

FOCUS_IS_VISIBLE = """() => {
    const element = document.activeElement;
    const frame = element.closest("a, button, summary, label, .field") ?? element;
    return [element, frame].map((one) => getComputedStyle(one)).some(
        ({ outlineStyle, outlineWidth, boxShadow }) =>
            (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none");
}"""


def tab_to(page, target, max_steps=60):
    """Press Tab until `target` has the focus; the focus must be visible at each step."""
    for _ in range(max_steps):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_VISIBLE), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} was not reached in {max_steps} steps")


def test_skip_link_is_first_and_focuses_the_content(open_page):
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#contenu")).to_be_focused()


def test_keyboard_reaches_an_offer_from_the_home_page(open_page):
    page = open_page()
    page.goto("/")
    town_field = page.get_by_role("search").locator("[name=ou]")
    tab_to(page, town_field)
    page.keyboard.type("lyo", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(town_field).to_have_value("Lyon (69)")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("ou=Lyon"))

    checkbox = page.get_by_role("checkbox", name="Freelance")
    tab_to(page, checkbox)
    page.keyboard.press("Space")
    expect(page.locator("#resultats .offer")).to_have_count(1)
    # The checkbox keeps the focus when htmx replaces the results.
    expect(checkbox).to_be_focused()
    tab_to(page, page.locator("#resultats .offer a").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Architecte cloud")


def test_filters_are_opened_by_keyboard_on_a_narrow_screen(open_page):
    page = open_page(width=360)
    page.goto("/offres/")
    checkbox = page.get_by_role("checkbox", name="Freelance")
    expect(checkbox).not_to_be_visible()
    tab_to(page, page.locator("#filtres > summary"))
    page.keyboard.press("Enter")
    expect(checkbox).to_be_visible()


def test_contact_form_is_sent_by_keyboard(open_page):
    page = open_page()
    page.goto("/metiers/cto/")
    tab_to(page, page.locator("#recruter").get_by_role("link", name="Être recontacté"), max_steps=120)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contact/**")
    form = page.locator("main form")
    tab_to(page, form.get_by_label("Nom", exact=True), max_steps=120)
    for label, text in {
        "Nom": "Grace Hopper",
        "Entreprise": "Compilateurs SA",
        "Adresse e-mail": "grace@example.org",
        "Téléphone": "06 12 34 56 78",
        "Poste à pourvoir": "",
        "Message": "Nous cherchons une directrice technique.",
    }.items():
        expect(form.get_by_label(re.compile(f"^{label}"))).to_be_focused()
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.wait_for_timeout(1500)
    button = form.get_by_role("button", name="Envoyer")
    if not button.evaluate("element => element === document.activeElement"):
        tab_to(page, button, max_steps=3)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")
