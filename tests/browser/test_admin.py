"""The widgets of the admin under the Content-Security-Policy: `open_page` fails on any violation."""

from playwright.sync_api import expect


def choose(page, field, text, label):
    """Select the option with this label in an autocomplete field."""
    selection = page.locator(f".field-{field} .select2-selection").first
    selection.click()
    # Not the focused element: a list that has just closed returns the focus to its own field shortly afterwards.
    page.locator(".select2-container--open .select2-search__field").fill(text)
    page.locator(".select2-results__option", has_text=label).first.click()
    expect(selection).to_contain_text(label)


def test_offer_is_created_with_every_widget_and_published(open_page, curator):
    page = open_page(state=curator)
    page.goto("/admin/offers/offer/add/")
    page.locator("#id_title").fill("Offre écrite au navigateur")
    page.locator("#id_contract").select_option("cdi")
    choose(page, "company", "Ateliers", "Ateliers Numériques")
    choose(page, "place", "Lyon", "Lyon (69)")
    page.locator("input[name=_publish]").click()
    expect(page.locator(".messagelist .success, .messagelist .info")).to_contain_text("est enregistrée et publiée")
    expect(page.locator(".state .badge")).to_have_text("publiée")
    page.locator("#calendarlink0").click()
    expect(page.locator("#calendarbox0")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#clocklink0").click()
    expect(page.locator("#clockbox0")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_popup() as popup:
        page.locator("#add_id_role").click()
    expect(popup.value.locator("#id_name")).to_be_visible()
    popup.value.close()
    page.get_by_role("link", name="Historique").click()
    expect(page.locator("#change-history")).to_contain_text("brouillon → publiée")
    page.go_back()
    page.locator(".submit-row .deletelink").click()
    page.locator("input[type=submit][value^=Oui]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_changelist_is_filtered_and_an_action_applied(open_page, curator):
    page = open_page(state=curator)
    page.goto("/admin/offers/offer/?_facets=True&suivi=en-ligne")
    page.locator("#result_list tbody .action-select").first.check()
    page.locator("select[name=action]").select_option("renew_offers")
    page.locator("button[name=index]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("1\u00a0offre renouvelée")


def test_group_permissions_widget_and_theme_toggle(open_page, curator):
    page = open_page(state=curator)
    page.goto("/admin/auth/group/add/")
    expect(page.locator(".selector-chosen-title")).to_be_visible()
    page.locator(".theme-toggle").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_record_of_processing_is_printed_without_the_admin_around_it(open_page, curator):
    page = open_page(state=curator)
    page.goto("/admin/privacy/personaldatarequest/registre/")
    expect(page.locator("#header")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    for part in ("#header", ".breadcrumbs", ".object-tools", "#nav-sidebar"):
        expect(page.locator(part).first).to_be_hidden()
    activity = page.locator("details", has=page.get_by_role("heading", name="Candidatures"))
    expect(activity).not_to_have_attribute("open", "")
    expect(activity.get_by_role("table")).to_be_visible()
    # Black on white, whatever the theme of the screen.
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
