"""A visitor reports an offer, a curator decides, both sides hear of it."""

import re
import time

from playwright.sync_api import expect


def test_from_a_report_to_its_decision(visit, site, curator, javascript):
    title = "Ingénieur logiciel 20" if javascript else "Ingénieur logiciel 21"
    reporter = f"temoin-{'avec' if javascript else 'sans'}@example.org"
    page = visit(javascript=javascript)
    page.goto(f"/offres/?q={title.replace(' ', '+')}")
    page.locator("#resultats .offer").get_by_role("link", name=re.compile(rf"{title}\b")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    offer = page.url
    page.get_by_role("link", name="Signaler cette offre").click()
    page.get_by_label("Elle demande de l’argent").check()
    page.get_by_label("Explication").fill("On demande 50 € de frais de dossier.")
    page.get_by_label("Adresse e-mail").fill(reporter)
    # The form is younger than a person could be: wait for what the site asks of one.
    page.wait_for_timeout(1500)
    if javascript:
        # Let the server find that the statement is missing, as it must where the browser does not look.
        page.locator("main form").evaluate("form => { form.noValidate = true }")
        page.get_by_role("button", name="Envoyer le signalement").click()
        expect(page.get_by_role("alert")).to_contain_text("de bonne foi")
        expect(page.get_by_label("Explication")).to_have_value("On demande 50 € de frais de dossier.")
        expect(page.get_by_label("Elle demande de l’argent")).to_be_checked()
        page.wait_for_timeout(1500)
    page.get_by_label("de bonne foi").check()
    page.get_by_role("button", name="Envoyer le signalement").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")

    admin = visit(javascript=javascript, state=curator)
    admin.goto("/admin/moderation/report/")
    admin.locator("#result_list tbody tr", has_text=title).get_by_role("link").first.click()
    expect(admin.locator("#content")).to_contain_text("50 € de frais")
    admin.get_by_role("link", name="Décider").click()
    admin.get_by_label("Supprimer l’offre du site").check()
    admin.get_by_label("Raisons").fill("Rien ne peut être demandé aux candidats (code du travail, L5331-3).")
    admin.get_by_role("button", name="Décider et prévenir").click()
    expect(admin.locator(".messagelist .success")).to_contain_text("offre supprimée (1 signalement)")

    # The offer is gone for everybody at once.
    assert visit(javascript=javascript).goto(offer).status == 410
    # The acknowledgement and the decision to whoever reported; the decision to the company, which hears no name.
    end = time.monotonic() + 60
    while time.monotonic() < end and site.recipients.count(reporter) < 2:
        time.sleep(0.25)
    assert site.recipients.count(reporter) == 2
    assert not any(reporter in mail and "To: recruiter@example.org" in mail for mail in site.mails)
