from playwright.sync_api import expect


def test_moderator_returns_an_offer_by_keyboard(open_page, curator):
    page = open_page(state=curator)
    page.goto("/admin/offers/offer/moderation/")
    page.keyboard.press("j")
    case = page.locator("article.case").first
    expect(case).to_be_focused()
    title = case.locator("h2").inner_text()
    page.keyboard.press("r")
    reason = case.locator("textarea")
    expect(reason).to_be_focused()
    case.locator("select").select_option(label="Description trop courte")
    expect(reason).to_have_value("La description ne permet pas de savoir en quoi consiste le poste. "
                                 "Précisez les missions, l’équipe et l’environnement technique.")  # fmt: skip
    reason.fill("Dites-en plus.")
    case.get_by_role("button", name="Renvoyer").click()
    expect(page.locator(".messagelist .success")).to_contain_text(f"{title} » est renvoyée à l’entreprise.")
    expect(page.locator("article.case h2", has_text=title)).to_have_count(0)


def test_reason_template_is_shown_for_review_without_javascript(open_page, curator):
    page = open_page(state=curator, javascript=False)
    page.goto("/admin/offers/offer/moderation/")
    case = page.locator("article.case").first
    case.locator(".decide summary").click()
    case.locator("select").select_option(label="Offre en double")
    case.get_by_role("button", name="Supprimer").click()
    expect(page.locator(".messagelist .warning")).to_contain_text("rien n’est encore parti")
    expect(page.locator("article.case textarea").first).to_contain_text("répète une autre de vos offres")
