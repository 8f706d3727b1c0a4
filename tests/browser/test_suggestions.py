"""Suggestions of the search field, by keyboard and pointer, with fast, slow and failing responses."""

import contextlib
import datetime as dt
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

ENDPOINT = "**/offres/suggestions/?*"


def search_field(page, name="q"):
    return page.get_by_role("search").locator(f"[name={name}]")


def options(page):
    return page.locator(".suggestions").get_by_role("option")


def announcement(page):
    return page.locator("[role=status].visually-hidden:not(#annonce)")


def type_text(page, text, name="q"):
    """Type the text key by key, and wait for the list."""
    search_field(page, name).click()
    search_field(page, name).press_sequentially(text, delay=20)
    expect(options(page).first).to_be_visible()


def make_result(value, **fields):
    return {"value": value, "label": value, "detail": "1\u00a0offre", "group": "Compétences", **fields}


def fulfill_late(route):
    # The browser may have cancelled the request.
    with contextlib.suppress(Error):
        route.fulfill(json={"results": [make_result("late")]})


@pytest.fixture(params=["/", "/offres/"], ids=["home", "offers"])
def path(request):
    return request.param


@pytest.mark.parametrize("width", [360, 1280])
def test_aria_attributes_and_announcements(open_page, path, width):
    page = open_page(width=width)
    page.goto(path)
    field = search_field(page)
    expect(field).to_have_role("combobox")
    expect(field).to_have_attribute("aria-autocomplete", "list")
    expect(field).to_have_attribute("aria-expanded", "false")
    type_text(page, "ct")
    expect(field).to_have_attribute("aria-expanded", "true")
    listbox = page.get_by_role("listbox", name="Métier, compétence, entreprise")
    expect(listbox).to_have_id(field.get_attribute("aria-controls"))
    expect(options(page).first).to_have_accessible_name(re.compile(r"^CTO, \d+\u00a0offres, Métiers$"))
    expect(options(page).first.locator("b")).to_have_text("CT")
    expect(announcement(page)).to_have_text(re.compile(r"^\d+ suggestions?$"))
    # The focus stays in the field, which references the current option.
    page.keyboard.press("ArrowDown")
    expect(field).to_be_focused()
    current = page.locator("[role=option][aria-selected=true]")
    expect(current).to_have_count(1)
    expect(current).to_have_id(field.get_attribute("aria-activedescendant"))
    expect(current).to_be_in_viewport()


def test_keyboard_navigation_of_the_list(open_page):
    page = open_page()
    page.goto("/")
    field = search_field(page)
    type_text(page, "in")
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
        # The cursor returns to the text.
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
    # Leaving the field selects no option.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(options(page)).to_have_count(0)
    expect(field).to_have_value("in")
    expect(search_field(page, "ou")).to_be_focused()


def test_selected_role_fills_the_field_and_enter_searches(open_page):
    page = open_page()
    page.goto("/")
    type_text(page, "ct")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(search_field(page)).to_have_value("CTO")
    expect(search_field(page)).to_be_focused()
    expect(options(page)).to_have_count(0)
    expect(announcement(page)).to_have_text("Choisi\u00a0: CTO")
    expect(page).to_have_url(re.compile(r"/$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/offres/\?q=CTO$"))
    expect(page.locator("#resultats .offer").first).to_be_visible()


def test_enter_without_a_selection_searches_the_typed_text(open_page):
    page = open_page()
    page.goto("/")
    type_text(page, "ct")
    page.keyboard.press("ArrowDown")
    # Typing deselects the option.
    page.keyboard.type("o")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=cto$"))


def test_selection_on_the_list_page_searches_and_keeps_the_filters(open_page):
    page = open_page()
    page.goto("/offres/?contrat=cdi")
    type_text(page, "ct")
    options(page).first.click()
    expect(search_field(page)).to_have_value("CTO")
    expect(page).to_have_url(re.compile(r"\?(?=.*q=CTO)(?=.*contrat=cdi)"))
    expect(page.locator("#resultats .offer").first).to_be_visible()
    # The selection has started the search; leaving the field does not start another.
    requested_urls = []
    page.on("request", lambda request: requested_urls.append(request.url))
    search_field(page).press("Tab")
    page.wait_for_timeout(200)
    assert requested_urls == []
    # A field that htmx has replaced has one list of suggestions.
    page.locator(".chips a", has_text="CDI").click()
    expect(page).to_have_url(re.compile(r"\?q=CTO$"))
    search_field(page).fill("")
    type_text(page, "ct")
    expect(page.locator(".suggestions:visible")).to_have_count(1)
    expect(page.locator(".suggestions")).to_have_count(2)


def test_selected_town_fills_the_town_field(open_page, path):
    page = open_page()
    page.goto(path)
    type_text(page, "greno")
    # The town comes before the agglomeration.
    expect(options(page).first).to_contain_text("Grenoble (38)")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(search_field(page)).to_have_value("")
    expect(search_field(page, "ou")).to_have_value("Grenoble (38)")
    expect(search_field(page)).to_be_focused()
    if path == "/":
        expect(announcement(page)).to_have_text("Où\u00a0: Grenoble (38)")
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/offres/\?ou=Grenoble"))


def test_selected_company_filters_and_keeps_the_town(open_page, path):
    page = open_page()
    page.goto(path)
    search_field(page, "ou").fill("Lyon (69)")
    search_field(page, "ou").press("Tab")
    type_text(page, "atel")
    options(page).filter(has_text="Ateliers Numériques").first.click()
    expect(page).to_have_url(re.compile(r"/offres/\?entreprise=ateliers-numeriques&ou=Lyon"))
    expect(page.locator("#resultats .offer").first).to_contain_text("Ateliers Numériques")


def test_town_field_suggests_towns(open_page, path):
    page = open_page(width=360)
    page.goto(path)
    type_text(page, "lyo", "ou")
    expect(options(page).first).to_have_accessible_name(re.compile(r"^Lyon \(69\), Rhône, "))
    expect(options(page).first.locator("b")).to_have_text("Lyo")
    options(page).first.click()
    expect(search_field(page, "ou")).to_have_value("Lyon (69)")


def test_option_is_selected_by_touch(chromium, site):
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/")
    search_field(page).tap()
    page.keyboard.type("ct", delay=20)
    option = options(page).first
    expect(option).to_be_visible()
    assert option.bounding_box()["height"] >= 44
    option.tap()
    expect(search_field(page)).to_have_value("CTO")
    expect(options(page)).to_have_count(0)
    context.close()


def test_leaving_the_field_closes_the_list(open_page):
    page = open_page()
    page.goto("/")
    type_text(page, "in")
    page.get_by_role("heading", level=1).click()
    expect(options(page)).to_have_count(0)
    expect(search_field(page)).to_have_attribute("aria-expanded", "false")


def test_late_and_failed_responses_are_ignored(open_page):
    page = open_page()
    page.goto("/")
    pending = {}

    def handle(route):
        text = route.request.url.rpartition("q=")[2]
        if text == "s":
            pending[text] = route
        elif text == "sl":
            route.fulfill(json={"results": [make_result("slow"), make_result("slower")]})
        elif text == "slo":
            route.fulfill(status=200, body="not json", content_type="application/json")
        elif text == "slow":
            route.abort()

    page.route(ENDPOINT, handle)
    field = search_field(page)
    field.press_sequentially("s")
    page.wait_for_timeout(400)
    assert "s" in pending
    field.press_sequentially("l")
    expect(options(page)).to_have_count(2)
    # The late response to an older request is ignored.
    fulfill_late(pending["s"])
    page.wait_for_timeout(100)
    expect(options(page)).to_have_count(2)
    for letter in "ow":
        field.press_sequentially(letter)
        expect(options(page)).to_have_count(0)
        expect(field).to_have_attribute("aria-expanded", "false")
    page.unroute(ENDPOINT)
    field.fill("")
    type_text(page, "ct")


def test_response_after_the_search_is_ignored(open_page):
    page = open_page()
    page.goto("/offres/")
    pending = []
    page.route(ENDPOINT, lambda route: pending.append(route))
    search_field(page).press_sequentially("cto")
    page.wait_for_timeout(400)
    search_field(page).press("Enter")
    expect(page).to_have_url(re.compile("q=cto"))
    for route in pending:
        fulfill_late(route)
    page.wait_for_timeout(200)
    expect(options(page)).to_have_count(0)


def test_fast_typing_sends_one_request(open_page):
    page = open_page()
    # The test controls the clock, so that the speed of the machine does not matter.
    page.clock.install()
    page.goto("/")
    requested_urls = []
    page.on("request", lambda request: requested_urls.append(request.url) if "/suggestions/" in request.url else None)
    page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    search_field(page).click()
    for letter in "cto":
        search_field(page).press_sequentially(letter)
        page.clock.run_for(50)
    assert requested_urls == []
    page.clock.run_for(1000)
    expect(options(page).first).to_be_visible()
    assert [path.partition("?")[2] for path in requested_urls] == ["q=cto"]


def test_markup_in_a_label_is_escaped(open_page):
    page = open_page()
    page.goto("/")
    label = "<img src=x onerror=alert(1)> & co"
    page.route(ENDPOINT, lambda route: route.fulfill(json={"results": [make_result(label)]}))
    type_text(page, "im")
    expect(options(page).first).to_contain_text(label)
    assert page.locator("[role=listbox] img").count() == 0


def test_without_javascript_the_field_is_a_plain_input(open_page, path):
    page = open_page(javascript=False)
    page.goto(path)
    assert page.get_by_role("combobox", include_hidden=True).count() == page.locator("select").count()
    assert page.get_by_role("listbox").count() == 0
    assert search_field(page).get_attribute("aria-expanded") is None
    search_field(page).fill("CTO")
    page.get_by_role("button", name="Rechercher").click()
    expect(page).to_have_url(re.compile(r"q=CTO"))


@pytest.mark.parametrize("width", [360, 1280])
def test_open_list_has_no_accessibility_violations(open_page, path, width):
    page = open_page(width=width)
    page.goto(path)
    type_text(page, "in")
    page.keyboard.press("ArrowDown")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(options(page).first).to_be_visible()
        result = Axe().run(page, options={"resultTypes": ["violations"]})
        assert not result.violations_count, f"{scheme}: {result.generate_report()}"
