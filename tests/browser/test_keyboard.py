"""The main path without a mouse: every stop can be seen, and nothing traps the focus."""

import re

from playwright.sync_api import expect

FOCUS_IS_SEEN = """() => {
    const element = document.activeElement;
    const frame = element.closest("a, button, summary, label, .field") ?? element;
    return [element, frame].map((one) => getComputedStyle(one)).some(
        ({ outlineStyle, outlineWidth, boxShadow }) =>
            (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none");
}"""


def tab_to(page, target, most=60):
    """Press Tab until `target` has the focus; each stop on the way must be visible as such."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} was not reached in {most} steps")


def test_skip_link_comes_first_and_leads_to_the_content(visit):
    page = visit()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#contenu")).to_be_focused()


def test_from_home_to_an_offer(visit):
    page = visit()
    page.goto("/")
    where = page.get_by_role("search").locator("[name=ou]")
    tab_to(page, where)
    page.keyboard.type("lyo", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(where).to_have_value("Lyon (69)")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("ou=Lyon"))

    box = page.get_by_role("checkbox", name="Freelance")
    tab_to(page, box)
    page.keyboard.press("Space")
    expect(page.locator("#resultats .offer")).to_have_count(1)
    # What was chosen keeps the focus over the exchange, so that the next key goes on from there.
    expect(box).to_be_focused()
    tab_to(page, page.locator("#resultats .offer a").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Architecte cloud")


def test_on_a_narrow_screen_the_filters_unfold(visit):
    page = visit(width=360)
    page.goto("/offres/")
    box = page.get_by_role("checkbox", name="Freelance")
    expect(box).not_to_be_visible()
    tab_to(page, page.locator("#filtres > summary"))
    page.keyboard.press("Enter")
    expect(box).to_be_visible()


def test_from_home_to_a_message_sent(visit):
    page = visit()
    page.goto("/metiers/cto/")
    tab_to(page, page.locator("#recruter").get_by_role("link", name="Être recontacté"), most=120)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contact/**")
    form = page.locator("main form")
    tab_to(page, form.get_by_label("Nom", exact=True), most=120)
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
        tab_to(page, button, most=3)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")
