"""Suggestions while typing, with the keyboard and with a pointer, on fast, slow and failing networks."""

import contextlib
import datetime as dt
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

ADDRESS = "**/offres/suggestions/?*"


def box(page, name="q"):
    return page.get_by_role("search").locator(f"[name={name}]")


def options(page):
    return page.locator(".suggestions").get_by_role("option")


def announced(page):
    return page.locator("[role=status].visually-hidden:not(#annonce)")


def write(page, text, name="q"):
    """Type as a person does; the list is there afterwards."""
    box(page, name).click()
    box(page, name).press_sequentially(text, delay=20)
    expect(options(page).first).to_be_visible()


def result(value, **fields):
    return {"value": value, "label": value, "detail": "1\u00a0offre", "group": "Compétences", **fields}


def answer_late(route):
    with contextlib.suppress(Error):  # the browser may have hung up
        route.fulfill(json={"results": [result("late")]})


@pytest.fixture(params=["/", "/offres/"], ids=["home", "offers"])
def address(request):
    return request.param


@pytest.mark.parametrize("width", [360, 1280])
def test_what_a_screen_reader_is_told(visit, address, width):
    page = visit(width=width)
    page.goto(address)
    field = box(page)
    expect(field).to_have_role("combobox")
    expect(field).to_have_attribute("aria-autocomplete", "list")
    expect(field).to_have_attribute("aria-expanded", "false")
    write(page, "ct")
    expect(field).to_have_attribute("aria-expanded", "true")
    listbox = page.get_by_role("listbox", name="Métier, compétence, entreprise")
    expect(listbox).to_have_id(field.get_attribute("aria-controls"))
    expect(options(page).first).to_have_accessible_name(re.compile(r"^CTO, \d+\u00a0offres, Métiers$"))
    expect(options(page).first.locator("b")).to_have_text("CT")
    expect(announced(page)).to_have_text(re.compile(r"^\d+ suggestions?$"))
    # The keyboard stays in the field; the option it stands on is named by reference.
    page.keyboard.press("ArrowDown")
    expect(field).to_be_focused()
    current = page.locator("[role=option][aria-selected=true]")
    expect(current).to_have_count(1)
    expect(current).to_have_id(field.get_attribute("aria-activedescendant"))
    expect(current).to_be_in_viewport()


def test_keys(visit):
    page = visit()
    page.goto("/")
    field = box(page)
    write(page, "in")
    count = options(page).count()
    assert count > 2

    def current_snapshot():
        return page.evaluate(
            """() => [...document.querySelectorAll(".suggestions [role=option]")].findIndex(
                (option) => option.getAttribute("aria-selected") === "true")"""
        )

    for key, index in [
        ("ArrowDown", 0),
        ("ArrowDown", 1),
        ("ArrowUp", 0),
        ("ArrowUp", count - 1),
        ("ArrowDown", 0),
        ("End", count - 1),
        ("Home", 0),
        # Back in the text.
        ("ArrowLeft", -1),
        ("ArrowUp", count - 1),
    ]:
        page.keyboard.press(key)
        assert (key, current_snapshot()) == (key, index)
    assert field.input_value() == "in"
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(field).to_have_value("in")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("ArrowDown")
    expect(options(page)).to_have_count(count)
    page.keyboard.press("Alt+ArrowUp")
    expect(options(page)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options(page)).to_have_count(count)
    # Leaving chooses nothing.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(options(page)).to_have_count(0)
    expect(field).to_have_value("in")
    expect(box(page, "ou")).to_be_focused()


def test_a_role_is_filled_in_and_enter_searches(visit):
    page = visit()
    page.goto("/")
    write(page, "ct")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("CTO")
    expect(box(page)).to_be_focused()
    expect(options(page)).to_have_count(0)
    expect(announced(page)).to_have_text("Choisi\u00a0: CTO")
    expect(page).to_have_url(re.compile(r"/$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/offres/\?q=CTO$"))
    expect(page.locator("#resultats .offer").first).to_be_visible()


def test_enter_searches_what_was_typed_when_nothing_is_chosen(visit):
    page = visit()
    page.goto("/")
    write(page, "ct")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("o")  # typing leaves the list
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=cto$"))


def test_choosing_in_the_list_searches_at_once_and_keeps_the_filters(visit):
    page = visit()
    page.goto("/offres/?contrat=cdi")
    write(page, "ct")
    options(page).first.click()
    expect(box(page)).to_have_value("CTO")
    expect(page).to_have_url(re.compile(r"\?(?=.*q=CTO)(?=.*contrat=cdi)"))
    expect(page.locator("#resultats .offer").first).to_be_visible()
    # The choice has searched; leaving the field does not search again.
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    box(page).press("Tab")
    page.wait_for_timeout(200)
    assert asked == []
    # Fields that htmx has drawn anew suggest too, once.
    page.locator(".chips a", has_text="CDI").click()
    expect(page).to_have_url(re.compile(r"\?q=CTO$"))
    box(page).fill("")
    write(page, "ct")
    expect(page.locator(".suggestions:visible")).to_have_count(1)
    expect(page.locator(".suggestions")).to_have_count(2)


def test_a_town_goes_where_towns_go(visit, address):
    page = visit()
    page.goto(address)
    write(page, "greno")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("")
    expect(box(page, "ou")).to_have_value("Grenoble (38)")
    expect(box(page)).to_be_focused()
    if address == "/":
        expect(announced(page)).to_have_text("Où\u00a0: Grenoble (38)")
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/offres/\?ou=Grenoble"))


def test_a_company_opens_its_offers_and_keeps_the_rest(visit, address):
    page = visit()
    page.goto(address)
    box(page, "ou").fill("Lyon (69)")
    box(page, "ou").press("Tab")
    write(page, "atel")
    options(page).filter(has_text="Ateliers Numériques").first.click()
    expect(page).to_have_url(re.compile(r"/offres/\?entreprise=ateliers-numeriques&ou=Lyon"))
    expect(page.locator("#resultats .offer").first).to_contain_text("Ateliers Numériques")


def test_towns_in_their_own_field(visit, address):
    page = visit(width=360)
    page.goto(address)
    write(page, "lyo", "ou")
    expect(options(page).first).to_have_accessible_name(re.compile(r"^Lyon \(69\), Rhône, "))
    expect(options(page).first.locator("b")).to_have_text("Lyo")
    options(page).first.click()
    expect(box(page, "ou")).to_have_value("Lyon (69)")


def test_a_tap(chromium, site):
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/")
    box(page).tap()
    page.keyboard.type("ct", delay=20)
    option = options(page).first
    expect(option).to_be_visible()
    assert option.bounding_box()["height"] >= 44
    option.tap()
    expect(box(page)).to_have_value("CTO")
    expect(options(page)).to_have_count(0)
    context.close()


def test_leaving_the_field_closes_the_list(visit):
    page = visit()
    page.goto("/")
    write(page, "in")
    page.get_by_role("heading", level=1).click()
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_attribute("aria-expanded", "false")


def test_late_and_failed_answers(visit):
    page = visit()
    page.goto("/")
    held = {}

    def answer(route):
        text = route.request.url.rpartition("q=")[2]
        if text == "s":
            held[text] = route
        elif text == "sl":
            route.fulfill(json={"results": [result("slow"), result("slower")]})
        elif text == "slo":
            route.fulfill(status=200, body="not json", content_type="application/json")
        elif text == "slow":
            route.abort()

    page.route(ADDRESS, answer)
    field = box(page)
    field.press_sequentially("s")
    page.wait_for_timeout(400)
    assert "s" in held
    field.press_sequentially("l")
    expect(options(page)).to_have_count(2)
    # The older question, were it answered now, is nobody's any more.
    answer_late(held["s"])
    page.wait_for_timeout(100)
    expect(options(page)).to_have_count(2)
    for letter in "ow":
        field.press_sequentially(letter)
        expect(options(page)).to_have_count(0)
        expect(field).to_have_attribute("aria-expanded", "false")
    page.unroute(ADDRESS)
    field.fill("")
    write(page, "ct")


def test_an_answer_after_the_search_was_sent_stays_away(visit):
    page = visit()
    page.goto("/offres/")
    held = []
    page.route(ADDRESS, lambda route: held.append(route))
    box(page).press_sequentially("cto")
    page.wait_for_timeout(400)
    box(page).press("Enter")
    expect(page).to_have_url(re.compile("q=cto"))
    for route in held:
        answer_late(route)
    page.wait_for_timeout(200)
    expect(options(page)).to_have_count(0)


def test_one_question_for_a_word_typed_quickly(visit):
    page = visit()
    page.clock.install()  # how quickly is for the test to say, not for the machine that it runs on
    page.goto("/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/suggestions/" in request.url else None)
    page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    box(page).click()
    for letter in "cto":
        box(page).press_sequentially(letter)
        page.clock.run_for(50)
    assert asked == []
    page.clock.run_for(1000)
    expect(options(page).first).to_be_visible()
    assert [address.partition("?")[2] for address in asked] == ["q=cto"]


def test_markup_is_shown_and_not_run(visit):
    page = visit()
    page.goto("/")
    label = "<img src=x onerror=alert(1)> & co"
    page.route(ADDRESS, lambda route: route.fulfill(json={"results": [result(label)]}))
    write(page, "im")
    expect(options(page).first).to_contain_text(label)
    assert page.locator("[role=listbox] img").count() == 0


def test_without_javascript_there_is_a_plain_field(visit, address):
    page = visit(javascript=False)
    page.goto(address)
    assert page.get_by_role("combobox").count() == page.locator("select").count()
    assert page.get_by_role("listbox").count() == 0
    assert box(page).get_attribute("aria-expanded") is None
    box(page).fill("CTO")
    page.get_by_role("button", name="Rechercher").click()
    expect(page).to_have_url(re.compile(r"q=CTO"))


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_with_the_list_open(visit, address, width):
    page = visit(width=width)
    page.goto(address)
    write(page, "in")
    page.keyboard.press("ArrowDown")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(options(page).first).to_be_visible()
        result = Axe().run(page, options={"resultTypes": ["violations"]})
        assert not result.violations_count, f"{scheme}: {result.generate_report()}"
