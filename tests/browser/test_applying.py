"""A candidate applies, corrects an error, follows the link of the mail, withdraws and erases the application."""

import re
import socket
import time
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.applications.pdfs import make_pdf
from tests.browser.checks import find_overflow
from tests.browser.mails import wait_for_link


def test_application_is_corrected_sent_withdrawn_and_erased(open_page, site, javascript, tmp_path):
    address = f"anne-{'avec' if javascript else 'sans'}@example.org"
    file = tmp_path / "CV Anne.pdf"
    file.write_bytes(make_pdf())
    page = open_page(javascript=javascript, width=360)
    page.goto(site.pages["offer"])
    page.get_by_role("link", name="Postuler").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Postuler")
    checkbox = page.get_by_role("checkbox", name=re.compile("d’autres offres"))
    expect(checkbox).not_to_be_checked()
    page.get_by_label("Nom").fill("Anne Lefèvre")
    # Valid for the browser, but not for the server.
    page.get_by_label("Adresse e-mail").fill("anne@example")
    page.get_by_label("Message").fill("Bonjour,\nvoici ma candidature.")
    page.get_by_label(re.compile("Depuis quand")).fill("Depuis 2019.")
    page.get_by_label("CV", exact=True).set_input_files(file)
    # Longer than the minimum delay of the form.
    page.wait_for_timeout(1100)
    page.get_by_role("button", name="Envoyer ma candidature").click()

    # The error is shown, and the other values and the file are preserved.
    errors = page.get_by_role("alert")
    expect(errors).to_contain_text("Adresse e-mail")
    if javascript:
        expect(errors).to_be_focused()
    expect(page.get_by_text("CV Anne.pdf")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value("Bonjour,\nvoici ma candidature.")
    page.get_by_label("Adresse e-mail").fill(address)
    page.get_by_role("button", name="Envoyer ma candidature").click()
    expect(page).to_have_url(re.compile("/postuler/merci/$"))

    page.goto(wait_for_link(site, address, "/candidatures/"))
    expect(page.get_by_text("Elle est arrivée.")).to_be_visible()
    expect(page.get_by_text("Depuis 2019.")).to_be_visible()
    checked = page.get_by_text("vérifié", exact=True)
    end = time.monotonic() + 60
    while not checked.is_visible() and time.monotonic() < end:
        time.sleep(0.3)
        page.reload()
    expect(checked).to_be_visible()

    page.get_by_role("link", name="Retirer ma candidature").click()
    page.get_by_role("button", name="Retirer ma candidature").click()
    expect(page.get_by_text("Vous l’avez retirée.")).to_be_visible()
    page.get_by_role("link", name="Tout effacer").click()
    page.get_by_role("button", name="Effacer pour de bon").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tout est effacé.")


def test_links_are_found_by_mail_and_the_consent_is_given_and_ended(open_page, site, javascript):
    page = open_page(javascript=javascript, width=360)
    page.goto("/")
    page.get_by_role("link", name="Vos candidatures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Retrouver mes candidatures")
    page.get_by_label("Adresse e-mail").fill("Suivi@example.org")
    # Longer than the minimum delay of the form.
    page.wait_for_timeout(1100)
    page.get_by_role("button", name="Recevoir les liens").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consultez votre messagerie")

    page.goto(wait_for_link(site, "suivi@example.org", "/candidatures/"))
    expect(page.get_by_text("n’a pas indiqué de décision")).to_be_visible()
    checkbox = page.get_by_role("checkbox", name=re.compile("d’autres offres"))
    button = page.get_by_role("button", name="Enregistrer ce choix")
    expect(checkbox).not_to_be_checked()
    expect(page.get_by_text("Gardée jusqu’au")).to_be_visible()
    # By keyboard.
    checkbox.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Votre choix est enregistré.")).to_be_visible()
    expect(checkbox).to_be_checked()
    expect(page.get_by_text("Sans votre accord, elle est gardée jusqu’au")).to_be_visible()
    checkbox.uncheck()
    button.click()
    expect(page.get_by_text("Accord retiré le").last).to_be_visible()
    expect(checkbox).not_to_be_checked()
    assert find_overflow(page) == ""


def test_file_that_is_too_large_is_refused_by_the_browser(open_page, site, tmp_path):
    file = tmp_path / "CV.pdf"
    file.write_bytes(b"%PDF-1.7" + b" " * 5_000_000 + b"%%EOF")
    page = open_page()
    page.goto(site.pages["apply"])
    page.get_by_label("Nom").fill("Anne")
    page.get_by_label("Adresse e-mail").fill("anne@example.org")
    page.get_by_label("Message").fill("Bonjour")
    page.get_by_label(re.compile("Depuis quand")).fill("2019")
    field = page.get_by_label("CV", exact=True)
    field.set_input_files(file)
    page.get_by_role("button", name="Envoyer ma candidature").click()
    assert "5,1\u00a0Mo" in field.evaluate("input => input.validationMessage")
    expect(page).to_have_url(re.compile("/postuler/$"))


def fill_in(page, file):
    page.get_by_label("Nom").fill("Anne Lefèvre")
    page.get_by_label("Adresse e-mail").fill("anne@example.org")
    page.get_by_label("Message").fill("Bonjour,\nvoici ma candidature.")
    page.get_by_label("CV", exact=True).set_input_files(file)


def respond_with(status, html):
    return lambda route: route.fulfill(status=status, body=html, content_type="text/html; charset=utf-8")


def test_form_keeps_its_values_after_a_server_error(open_page, site, tmp_path):
    """The form is submitted by a script, so the error page of the server is not displayed."""
    file = tmp_path / "CV.pdf"
    file.write_bytes(make_pdf())
    page = open_page()
    page.goto(site.pages["apply"])
    fill_in(page, file)
    page.get_by_label(re.compile("Depuis quand")).fill("2019")
    for status, html, message in (
        (507, "<main><h1>Le site manque de place</h1></main>", "Le site manque de place. Rien n’est perdu"),
        (502, "Bad gateway", "Le site n’a pas pu recevoir l’envoi. Rien n’est perdu"),
    ):
        page.route("**/postuler/", respond_with(status, html))
        page.get_by_role("button", name="Envoyer ma candidature").click()
        expect(page.locator("[data-sending-text]")).to_contain_text(message)
        expect(page.get_by_label("Message")).to_have_value("Bonjour,\nvoici ma candidature.")
        assert page.get_by_label("CV", exact=True).evaluate("input => input.files[0].name") == "CV.pdf"
        page.unroute_all()
    expected = [problem for problem in open_page.problems if problem.startswith(("507 for", "502 for"))]
    assert len(expected) == 2
    open_page.problems.clear()


def test_application_to_a_filled_offer_shows_an_error(open_page, site, javascript, tmp_path):
    title = "Ingénieur logiciel 122" if javascript else "Ingénieur logiciel 123"
    file = tmp_path / "CV.pdf"
    file.write_bytes(make_pdf())
    page = open_page(javascript=javascript)
    page.goto(f"/offres/?q={title.replace(' ', '+')}")
    page.locator("#resultats .offer").get_by_role("link", name=re.compile(rf"{title}\b")).click()
    page.get_by_role("link", name="Postuler").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Postuler")
    fill_in(page, file)
    site.run(f"from offers.models import Offer; Offer.objects.get(title={title!r}).fill()")
    page.get_by_role("button", name="Envoyer ma candidature").click()
    expect(page.get_by_role("alert")).to_contain_text("La candidature n’est pas partie")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_request_body_of_200_mb_is_refused_before_it_is_sent(site):
    head = (
        f"POST {site.pages['apply']} HTTP/1.1\r\nHost: {urlsplit(site.url).netloc}\r\nConnection: close\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 209715200\r\n\r\n"
    )
    with socket.create_connection((urlsplit(site.url).hostname, urlsplit(site.url).port), timeout=30) as connection:
        connection.sendall(head.encode() + b"--x\r\n")
        assert b" 413 " in connection.recv(100)


def test_recruiter_reads_an_application_adds_a_note_and_declines(open_page, site, recruiter, javascript):
    page = open_page(javascript=javascript, state=recruiter)
    page.goto("/recruteurs/candidatures/")
    name = f"Candidate {'avec' if javascript else 'sans'}"
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    if javascript:
        # An opened application is marked as viewed.
        expect(page.locator("#etat .badge")).to_have_text("vue")
    page.get_by_label("Nouvelle note").fill("À rappeler lundi.")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.get_by_text("À rappeler lundi.")).to_be_visible()
    page.get_by_role("link", name="Décliner avec un mot…").click()
    page.get_by_role("button", name="Décliner et envoyer").click()
    expect(page.locator("#etat .badge")).to_have_text("non retenue")
