"""A long text and a chosen file survive an expired session, a stale token, Back and a double click."""

import io
import re
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.applications.pdfs import make_pdf
from tests.browser.checks import find_overflow
from tests.browser.conftest import fill_in_login
from tests.browser.seed import WRITER, WRITER_PASSWORD

LINES = 200


class Device(NamedTuple):
    width: int
    javascript: bool

    @property
    def name(self) -> str:
        return f"{self.width} px, {'with' if self.javascript else 'without'} JavaScript"


DEVICES = [Device(360, True), Device(360, False), Device(1280, True)]


@pytest.fixture(params=DEVICES, ids=lambda device: device.name)
def device(request):
    return request.param


@pytest.fixture
def page(open_page, site, device):
    """Return a page of the signed-in writer, in a session of its own."""
    page = open_page(javascript=device.javascript, width=device.width)
    page.goto("/compte/login/")
    fill_in_login(page, WRITER, WRITER_PASSWORD)
    yield page
    # The page of a form with a stale token, which the script of uploads fetches.
    open_page.problems[:] = [problem for problem in open_page.problems if not problem.startswith("403 for")]


def make_text(device) -> str:
    """Return a text that differs from the stored one."""
    return "\n".join([f"Sur {device.name}\u00a0:", *(f"{line}. Texte précieux & <b>" for line in range(1, LINES))])


def sign_out_in_another_tab(page):
    tab = page.context.new_page()
    tab.goto("/compte/logout/")
    tab.get_by_role("button", name="Se déconnecter").click()
    tab.wait_for_url(re.compile(r"^(?!.*/compte/logout/)"))
    return tab


def sign_in_again_in(tab):
    tab.goto("/compte/login/")
    fill_in_login(tab, WRITER, WRITER_PASSWORD)


def send_again(page, text):
    """Check that the text is shown in full, and send the form again."""
    for line in (text.split("\n")[0], f"{LINES - 1}. Texte précieux & <b>"):
        expect(page.locator("blockquote")).to_contain_text(line)
    assert find_overflow(page) == ""
    page.get_by_role("button", name="Envoyer de nouveau").click()


def expect_heading(page, text):
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def type_step(page, site, text):
    page.goto(site.pages["step"])
    page.get_by_label("Description").fill(text)


def expect_stored_step(page, site, text):
    page.goto(site.pages["step"])
    expect(page.get_by_label("Description")).to_have_value(text)


def choose_cv(page, tmp_path):
    file = tmp_path / "CV Nora.pdf"
    file.write_bytes(make_pdf())
    page.get_by_label("CV", exact=True).set_input_files(file)


def fill_in_application(page, site, device, tmp_path) -> tuple[str, str]:
    """Fill in the form to apply with a text of 200 lines and a file, and return the address and the text."""
    address = f"nora-{device.width}-{'avec' if device.javascript else 'sans'}@example.org"
    page.goto(site.pages["apply"])
    page.get_by_label("Nom").fill("Nora Petit")
    page.get_by_label("Adresse e-mail").fill(address)
    text = "\n".join(f"{line}. précieux & <b>" for line in range(LINES))
    page.get_by_label("Message").fill(text)
    page.get_by_label(re.compile("Depuis quand")).fill("2019")
    choose_cv(page, tmp_path)
    return address, text


COUNT = """
from offers.applications.models import Application
applications = Application.objects.filter(email={address!r})
assert applications.count() == 1, applications.count()
application = applications.get()
assert application.cv_name == "CV Nora.pdf", application.cv_name
assert application.message == {text!r}, application.message
"""


def test_step_is_back_after_signing_in(page, site, device):
    text = make_text(device)
    type_step(page, site, text)
    sign_out_in_another_tab(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect_heading(page, "Connexion")
    fill_in_login(page, WRITER, WRITER_PASSWORD)
    expect_heading(page, "Votre saisie est toujours là")
    send_again(page, text)
    expect(page).not_to_have_url(re.compile("/annonce/"))
    expect_stored_step(page, site, text)


def test_step_is_back_after_signing_in_elsewhere_and_going_back(page, site, device):
    text = make_text(device) + "\nPrécédent"
    type_step(page, site, text)
    tab = sign_out_in_another_tab(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect_heading(page, "Connexion")
    sign_in_again_in(tab)
    page.go_back()
    expect_heading(page, "Votre saisie est toujours là")
    send_again(page, text)
    expect_stored_step(page, site, text)


def test_step_with_a_stale_token_is_sent_again(page, site, device):
    """The token of the form is that of the session before."""
    text = make_text(device) + "\nJeton"
    type_step(page, site, text)
    sign_in_again_in(sign_out_in_another_tab(page))
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect_heading(page, "Le formulaire a expiré")
    send_again(page, text)
    expect_stored_step(page, site, text)


def test_preview_after_the_session_has_ended_keeps_the_text(page, site, device):
    text = make_text(device) + "\nAperçu"
    type_step(page, site, text)
    sign_out_in_another_tab(page)
    page.get_by_role("button", name="Aperçu du texte").click()
    expect_heading(page, "Connexion")
    fill_in_login(page, WRITER, WRITER_PASSWORD)
    send_again(page, text)
    expect(page.get_by_label("Description")).to_have_value(text)
    expect(page.locator("#apercu")).to_contain_text("Aperçu")


def test_company_and_its_logo_are_back_after_signing_in(page, site, device, tmp_path):
    text = make_text(device)
    logo = tmp_path / "logo.png"
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    logo.write_bytes(buffer.getvalue())
    page.goto(site.pages["writer's company"])
    page.get_by_label("Présentation").fill(text)
    page.locator("input[name=logo]").set_input_files(logo)
    sign_out_in_another_tab(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect_heading(page, "Connexion")
    fill_in_login(page, WRITER, WRITER_PASSWORD)
    expect(page.get_by_text("logo.png")).to_be_visible()
    send_again(page, text)
    expect(page.locator(".messages")).to_contain_text("La fiche de l’entreprise est enregistrée.")
    expect(page.get_by_label("Présentation")).to_have_value(text)
    expect(page.get_by_role("img", name="Logo actuel")).to_be_visible()


def test_application_with_a_stale_token_keeps_text_and_file(page, site, device, tmp_path):
    address, text = fill_in_application(page, site, device, tmp_path)
    sign_in_again_in(sign_out_in_another_tab(page))
    page.get_by_role("button", name="Envoyer ma candidature").click()
    expect_heading(page, "Le formulaire a expiré")
    expect(page.get_by_text("CV Nora.pdf")).to_be_visible()
    expect(page.locator("blockquote")).to_contain_text(f"{LINES - 1}. précieux")
    assert find_overflow(page) == ""
    page.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page).to_have_url(re.compile("/merci/$"))
    site.run(COUNT.format(address=address, text=text))


def test_back_restores_the_texts(page, site, device, tmp_path):
    """Chromium runs without its back/forward cache here: the page is loaded again."""
    text = make_text(device) + "\nRetour"
    type_step(page, site, text)
    page.goto("/confidentialite/")
    page.go_back()
    expect(page.get_by_label("Description")).to_have_value(text)
    expect(page.get_by_role("toolbar")).to_have_count(1 if device.javascript else 0)
    page.goto(site.pages["writer's company"])
    page.get_by_label("Présentation").fill(text)
    page.goto("/confidentialite/")
    page.go_back()
    expect(page.get_by_label("Présentation")).to_have_value(text)
    _, message = fill_in_application(page, site, device, tmp_path)
    page.get_by_role("link", name="Vos droits et le détail").click()
    expect(page).to_have_url(re.compile("/confidentialite/$"))
    page.go_back()
    expect(page.get_by_label("Message")).to_have_value(message)
    expect(page.get_by_label("Nom")).to_have_value("Nora Petit")
    assert page.get_by_label("CV", exact=True).evaluate("input => input.files[0]?.name") == "CV Nora.pdf"


def test_double_click_makes_one_draft(page, site, device):
    title = f"Rédacteur pour {device.width} pixels {'avec' if device.javascript else 'sans'} scripts"
    page.goto("/recruteurs/offres/nouvelle/")
    page.get_by_label("Intitulé").fill(title)
    page.get_by_label("Contrat").select_option("cdi")
    page.get_by_role("button", name="Enregistrer et continuer").dblclick()
    expect(page).to_have_url(re.compile("/etape/conditions/$"))
    page.goto("/recruteurs/")
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(1)


def test_double_click_sends_one_application(page, site, device, tmp_path):
    address, text = fill_in_application(page, site, device, tmp_path)
    address = f"double-{address}"
    page.get_by_label("Adresse e-mail").fill(address)
    # Longer than the minimum delay of the form.
    page.wait_for_timeout(1_100)
    page.get_by_role("button", name="Envoyer ma candidature").dblclick()
    expect(page).to_have_url(re.compile("/merci/$"))
    site.run(COUNT.format(address=address, text=text))
