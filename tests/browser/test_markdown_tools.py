"""The buttons above Markdown fields write what the renderer understands, by keyboard and by pointer."""

import pytest
from playwright.sync_api import expect

from jobboard.text.markdown import render
from tests.browser.checks import assert_accessible, find_overflow

# The text, with the selection between ‹ and › or the caret at |; the button; the text afterwards; part of its HTML.
EDITS = [
    # Bold: without the spaces around, by word, by line; again removes it.
    ("un ‹mot › ici", "Gras", "un **‹mot›**  ici", "<strong>mot</strong>"),
    ("un **‹mot›** ici", "Gras", "un ‹mot› ici", "un mot ici"),
    ("l’éq|uipe", "Gras", "**l’éq|uipe**", "<strong>l’équipe</strong>"),
    ("**l’éq|uipe**", "Gras", "l’éq|uipe", "<p>l’équipe</p>"),
    ("Bonjour |", "Gras", "Bonjour **‹texte en gras›**", "<strong>texte en gras</strong>"),
    ("Bonjour **‹texte en gras›**", "Gras", "Bonjour |", "<p>Bonjour</p>"),
    ("‹- un\n- deux›", "Gras", "- **‹un**\n- **deux›**", "<li><strong>deux</strong></li>"),
    ("a **b ‹c** d› e", "Gras", "a **‹b c d›** e", "<strong>b c d</strong>"),
    ("[site](https://exem|ple.fr)", "Gras", "**[site](https://exem|ple.fr)**", '<strong><a href="https://exemple.fr"'),
    ("Salaire ‹*fixe*›", "Gras", "Salaire **‹*fixe*›**", "<strong>fixe</strong></em>"),
    # Subheadings.
    ("Vos mis|sions", "Sous-titre", "## Vos mis|sions", "<h3>Vos missions</h3>"),
    ("## Vos mis|sions", "Sous-titre", "Vos mis|sions", "<p>Vos missions</p>"),
    ("- un\n- de|ux", "Sous-titre", "- un\n## de|ux", "<h3>deux</h3>"),
    # Lists: the text after them stays outside, as does a line that leaves them.
    ("‹un\ndeux›\nSuite", "Liste", "‹- un\n- deux›\n\nSuite", "</ul>\n<p>Suite</p>"),
    ("‹- un\n- deux›", "Liste", "‹un\ndeux›", "<p>un<br>\ndeux</p>"),
    ("‹un\n\ndeux\n›trois", "Liste", "‹- un\n\n- deux›\n\ntrois", "</ul>\n<p>trois</p>"),
    ("- un\n- de|ux\n- trois", "Liste", "- un\n\nde|ux\n- trois", "</ul>\n<p>deux</p>\n<ul>"),
    ("• un|", "Liste numérotée", "1. un|", "<ol>\n<li>un</li>"),
    ("Profil\n|", "Liste", "Profil\n- |", "Profil"),
    # Numbers count on.
    ("‹un\ndeux\ntrois›", "Liste numérotée", "‹1. un\n2. deux\n3. trois›", "<ol>\n<li>un</li>"),
    ("1. un\ndeu|x\n2. trois", "Liste numérotée", "1. un\n2. deu|x\n3. trois", "<li>trois</li>"),
    ("1. un\n2. de|ux\n3. trois", "Liste numérotée", "1. un\n\nde|ux\n\n2. trois", '<p>deux</p>\n<ol start="2">'),
    ("‹1. un\n2. deux›\n3. trois", "Liste", "‹- un\n- deux›\n1. trois", "</ul>\n<ol>\n<li>trois</li>"),
    ("‹2022. Levée\n2024. Création›", "Liste", "‹- 2022. Levée\n- 2024. Création›", "<li>2022. Levée</li>"),
    # Links: what is typed next is selected.
    ("voir ‹le site› ici", "Lien", "voir [le site](‹https://›) ici", "voir le site ici"),
    (
        "‹https://exemple.fr/a(b)›",
        "Lien",
        "[‹exemple.fr/a(b)›](https://exemple.fr/a%28b%29)",
        '<a href="https://exemple.fr/a%28b%29"',
    ),
    ("‹www.exemple.fr›", "Lien", "[‹www.exemple.fr›](https://www.exemple.fr)", '<a href="https://www.exemple.fr"'),
    ("|", "Lien", "[‹texte du lien›](https://)", "texte du lien"),
    ("voir [le s|ite](https://exemple.fr)", "Lien", "voir ‹le site›", "voir le site"),
    ("**a ‹b› c**", "Lien", "**a [b](‹https://›) c**", "<strong>a b c</strong>"),
    ("‹a [1] b›", "Lien", "[a \\[1\\] b](‹https://›)", "a [1] b"),
]
# The text of the field, with its selection as in EDITS.
MARKED_TEXT = """field => {
    const { value, selectionStart: start, selectionEnd: end } = field;
    const selected = start === end ? "|" : `‹${value.slice(start, end)}›`;
    return value.slice(0, start) + selected + value.slice(end);
}"""


def description(page):
    return page.get_by_label("Description")


def select(field, marked):
    """Fill in the text and select what is marked in it."""
    start = min(marked.index(sign) for sign in "‹|" if sign in marked)
    text = marked.replace("‹", "").replace("|", "")
    end = text.index("›") if "›" in text else start
    field.fill(text.replace("›", ""))
    field.evaluate("(field, [start, end]) => field.setSelectionRange(start, end)", [start, end])


def unmarked(marked):
    return marked.translate(dict.fromkeys(map(ord, "‹›|")))


def test_buttons_write_markdown_and_are_undone(open_page, site, writer):
    page = open_page(state=writer)
    page.goto(site.pages["step"])
    field = description(page)
    for before, name, after, html in EDITS:
        select(field, before)
        page.get_by_role("button", name=name, exact=True).click()
        assert field.evaluate(MARKED_TEXT) == after, before
        expect(field).to_be_focused()
        assert html in render(unmarked(after)), after
        page.keyboard.press("Control+z")
        assert field.input_value() == unmarked(before), f"undo after {name}"
        page.keyboard.press("Control+Shift+z")
        assert field.input_value() == unmarked(after), f"redo after {name}"


def test_toolbar_is_used_by_keyboard(open_page, site, writer):
    page = open_page(state=writer, width=360)
    page.goto(site.pages["step"])
    field = description(page)
    toolbar = page.get_by_role("toolbar", name="Mise en forme du texte")
    expect(toolbar).to_have_attribute("aria-controls", "offre-description")
    button = toolbar.get_by_role("button", name="Gras")
    expect(button).to_have_attribute("title", "Ctrl+B")
    # One stop between the fields; the arrows move between the buttons.
    page.get_by_label("Points forts").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Vos missions")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Shift+Tab")
    expect(button).to_be_focused()
    page.keyboard.press("End")
    expect(toolbar.get_by_role("button", name="Masquer la mise en forme")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(button).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(toolbar.get_by_role("button", name="Sous-titre")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value("## Vos missions")
    # The button is the stop of the toolbar now.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(field).to_have_value("Vos missions")
    page.keyboard.press("Control+b")
    expect(field).to_have_value("**Vos missions**")
    page.keyboard.press("Control+k")
    page.keyboard.type("https://exemple.fr")
    expect(field).to_have_value("**[Vos missions](https://exemple.fr)**")
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(field).to_have_value("**Vos missions**")
    assert page.url.endswith(site.pages["step"]), "the form was not submitted"


@pytest.mark.parametrize("width", [360, 1280])
def test_toolbar_is_used_by_pointer_with_preview(open_page, site, writer, width):
    page = open_page(state=writer, width=width)
    page.goto(site.pages["step"])
    field = description(page)
    toolbar = page.get_by_role("toolbar")
    # Without a click into the field, the text is continued.
    text = "Facturation\nPaie"
    field.evaluate("(field, text) => { field.value = text }", text)
    toolbar.get_by_role("button", name="Gras").click()
    expect(field).to_have_value("Facturation\n**Paie**")
    page.keyboard.press("Control+a")
    toolbar.get_by_role("button", name="Liste", exact=True).click()
    expect(field).to_have_value("- Facturation\n- **Paie**")
    page.get_by_role("button", name="Aperçu du texte").click()
    expect(page.locator("#apercu li").nth(1)).to_have_text("Paie")
    expect(page.locator("#apercu strong")).to_have_text("Paie")
    # The fragment of htmx has not added another one.
    expect(toolbar).to_have_count(1)
    assert find_overflow(page) == ""
    for button in toolbar.get_by_role("button").all():
        box = button.bounding_box()
        assert box["height"] >= 24
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(toolbar).not_to_be_visible()


def test_toolbar_stays_in_reach_of_a_long_text(open_page, site, writer):
    page = open_page(state=writer, width=360)
    page.goto(site.pages["step"])
    field = description(page)
    field.fill("\n".join(f"Ligne {number}" for number in range(200)))
    field.press("Control+End")
    page.keyboard.type(" fin")
    page.keyboard.press("Control+Shift+ArrowLeft")
    button = page.get_by_role("toolbar").get_by_role("button", name="Gras")
    expect(button).to_be_in_viewport()
    before = page.evaluate("scrollY")
    button.click()
    assert field.input_value().endswith("\nLigne 199 **fin**")
    assert abs(page.evaluate("scrollY") - before) < 200, "the page has jumped"


def test_hidden_toolbar_is_remembered(open_page, site, writer):
    page = open_page(state=writer, width=360)
    page.goto(site.pages["step"])
    buttons = page.get_by_role("toolbar").get_by_role("button")
    expect(buttons).to_have_count(6)
    page.get_by_role("button", name="Masquer la mise en forme").click()
    expect(buttons).to_have_text(["Afficher la mise en forme"])
    page.goto(site.pages["writer's company"])
    expect(buttons).to_have_text(["Afficher la mise en forme"])
    # The shortcuts are off too.
    field = page.get_by_label("Présentation")
    field.fill("mot")
    field.press("Control+b")
    expect(field).to_have_value("mot")
    buttons.first.click()
    expect(buttons).to_have_count(6)
    page.reload()
    expect(buttons).to_have_count(6)


def test_toolbar_works_without_storage(open_page, site, writer):
    page = open_page(state=writer)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } });"
    )
    page.goto(site.pages["step"])
    buttons = page.get_by_role("toolbar").get_by_role("button")
    page.get_by_role("button", name="Masquer la mise en forme").click()
    expect(buttons).to_have_count(1)
    buttons.first.click()
    expect(buttons).to_have_count(6)


def test_button_cuts_no_text_at_the_maximum_length(open_page, site, writer):
    page = open_page(state=writer)
    page.goto(site.pages["step"])
    field = description(page)
    text = "mots " * 4_000
    field.fill(text)
    field.press("Control+a")
    page.get_by_role("button", name="Gras", exact=True).click()
    expect(field).to_have_value(text)


def test_form_is_the_same_without_javascript(open_page, site, writer):
    names = "form => [...form.elements].map(({ name, type }) => `${type} ${name}`).filter(each => !each.endsWith(' '))"
    forms = []
    for javascript in (True, False):
        page = open_page(state=writer, javascript=javascript)
        page.goto(site.pages["step"])
        expect(page.get_by_role("toolbar")).to_have_count(1 if javascript else 0)
        forms.append(page.locator("main form").evaluate(names))
    assert forms[0] == forms[1]
