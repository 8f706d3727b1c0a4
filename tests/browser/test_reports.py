"""A visitor reports an offer, a curator decides, and both parties are notified."""

import re

from playwright.sync_api import expect

from tests.browser.mails import INTERVAL, TIMEOUT
from tests.waiting import wait_until


def test_report_is_sent_and_decided(open_page, site, curator, javascript):
    title = "Ingénieur logiciel 120" if javascript else "Ingénieur logiciel 121"
    reporter = f"temoin-{'avec' if javascript else 'sans'}@example.org"
    page = open_page(javascript=javascript)
    page.goto(f"/offres/?q={title.replace(' ', '+')}")
    page.locator("#resultats .offer").get_by_role("link", name=re.compile(rf"{title}\b")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    offer_url = page.url
    page.get_by_role("link", name="Signaler cette offre").click()
    page.get_by_label("Elle demande de l’argent").check()
    page.get_by_label("Explication").fill("On demande 50 € de frais de dossier.")
    page.get_by_label("Adresse e-mail").fill(reporter)
    # Longer than the minimum delay of the form.
    page.wait_for_timeout(1500)
    if javascript:
        # The server has to report the missing statement, as if the browser did not validate.
        page.locator("main form").evaluate("form => { form.noValidate = true }")
        page.get_by_role("button", name="Envoyer le signalement").click()
        expect(page.get_by_role("alert")).to_contain_text("de bonne foi")
        expect(page.get_by_label("Explication")).to_have_value("On demande 50 € de frais de dossier.")
        expect(page.get_by_label("Elle demande de l’argent")).to_be_checked()
        page.wait_for_timeout(1500)
    page.get_by_label("de bonne foi").check()
    page.get_by_role("button", name="Envoyer le signalement").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("merci")

    admin = open_page(javascript=javascript, state=curator)
    admin.goto("/admin/moderation/report/")
    admin.locator("#result_list tbody tr", has_text=title).get_by_role("link").first.click()
    expect(admin.locator("#content")).to_contain_text("50 € de frais")
    admin.get_by_role("link", name="Décider").click()
    admin.get_by_label("Supprimer l’offre du site").check()
    admin.get_by_label("Raisons").fill("Rien ne peut être demandé aux candidats (code du travail, L5331-3).")
    admin.get_by_role("button", name="Décider et prévenir").click()
    expect(admin.locator(".messagelist .success")).to_contain_text("offre supprimée (1\u00a0signalement)")

    # The offer is no longer public.
    assert open_page(javascript=javascript).goto(offer_url).status == 410
    # The reporter gets the acknowledgement and the decision; the decision sent to the company does not name them.
    wait_until(lambda: site.recipients.count(reporter) >= 2, TIMEOUT, INTERVAL)
    assert site.recipients.count(reporter) == 2
    assert not any(reporter in mail and "To: recruiter@example.org" in mail for mail in site.mails)
