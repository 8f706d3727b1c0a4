"""What is typed or chosen survives Back, an expired token, and the way back to the results."""

import re

import pytest
from playwright.sync_api import expect

from tests.applications.pdfs import make_pdf
from tests.browser.test_applying import fill_in

LONG_WORD = "DevSecOps/SRE/Platform/Cloud/Kubernetes/AWS/GCP" * 3


def test_message_is_back_after_another_page(open_page, site, tmp_path, javascript):
    file = tmp_path / "CV.pdf"
    file.write_bytes(make_pdf())
    page = open_page(javascript=javascript)
    page.goto(site.pages["apply"])
    fill_in(page, file)
    page.goto("/confidentialite/")
    page.go_back()
    expect(page.get_by_label("Message")).to_have_value("Bonjour,\nvoici ma candidature.")


def test_form_with_an_expired_token_is_shown_again_with_text_and_file(open_page, site, tmp_path, javascript):
    file = tmp_path / "CV.pdf"
    file.write_bytes(make_pdf())
    page = open_page(javascript=javascript)
    page.goto(site.pages["apply"])
    fill_in(page, file)
    page.get_by_label(re.compile("Depuis quand")).fill("2019")
    page.context.clear_cookies()
    page.get_by_role("button", name="Envoyer ma candidature").click()
    expect(page.get_by_role("heading", name="Le formulaire a expiré")).to_be_visible()
    expect(page.get_by_text("voici ma candidature")).to_be_visible()
    expect(page.get_by_text("CV.pdf")).to_be_visible()
    page.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page).to_have_url(re.compile("/merci/$"))
    open_page.problems[:] = [problem for problem in open_page.problems if not problem.startswith("403 for")]


@pytest.mark.parametrize("width", [360, 1280])
def test_breadcrumb_leads_back_to_the_results(open_page, width):
    page = open_page(width=width)
    page.goto("/offres/?contrat=cdi")
    page.locator("#resultats .offer a").first.click()
    crumb = page.get_by_role("navigation", name="Fil d’Ariane").get_by_role("link", name="Offres")
    expect(crumb).to_have_attribute("href", re.compile(r"/offres/\?contrat=cdi$"))
    page.reload()
    expect(crumb).to_have_attribute("href", re.compile(r"/offres/\?contrat=cdi$"))
    crumb.click()
    expect(page).to_have_url(re.compile(r"/offres/\?contrat=cdi$"))


def test_long_word_in_the_breadcrumb_does_not_scroll_sideways(open_page, site):
    page = open_page(width=320)
    page.goto(site.pages["apply"])
    page.locator(".crumbs a").last.evaluate("(link, text) => { link.textContent = text }", LONG_WORD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
