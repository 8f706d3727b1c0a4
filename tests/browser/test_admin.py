"""The widgets of the admin under the strict policy: `visit` fails on anything that the browser refuses."""

from playwright.sync_api import expect


def choose(page, field, text, found):
    selection = page.locator(f".field-{field} .select2-selection").first
    selection.click()
    # Not whatever has the focus: a list that has just closed gives it back to its own field a moment later.
    page.locator(".select2-container--open .select2-search__field").fill(text)
    page.locator(".select2-results__option", has_text=found).first.click()
    expect(selection).to_contain_text(found)


def test_offer_is_written_with_every_widget_and_published(visit, curator):
    page = visit(state=curator)
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


def test_list_is_filtered_and_acted_upon(visit, curator):
    page = visit(state=curator)
    page.goto("/admin/offers/offer/?_facets=True&suivi=en-ligne")
    page.locator("#result_list tbody .action-select").first.check()
    page.locator("select[name=action]").select_option("renew_offers")
    page.locator("button[name=index]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("1\u00a0offre renouvelée")


def test_permissions_of_a_group_and_theme(visit, curator):
    page = visit(state=curator)
    page.goto("/admin/auth/group/add/")
    expect(page.locator(".selector-chosen-title")).to_be_visible()
    page.locator(".theme-toggle").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
