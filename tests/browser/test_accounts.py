"""A recruiter opens an account, confirms it, adds an application and a passkey, and comes back with each."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_every_page import scrolls_sideways

EMAIL, PASSWORD = "lea@example.org", "motdepasse-d-essai"


def link_to(site, recipient, path) -> str:
    """The path of the link in the mail that somebody gets, once it is there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for mail in reversed(site.mails):
            found = re.search(rf"https?://[^/\s]+({path}\S+)", mail)
            if found and recipient in mail:
                return found[1]
        time.sleep(0.25)
    raise AssertionError(f"no mail to {recipient} with a link to {path}")


def code(secret, steps=0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def is_good(page):
    """What the sweep over all pages asks, on a page that is behind a password."""
    result = Axe().run(page, options={"resultTypes": ["violations"]})
    assert result.violations_count == 0, result.generate_report()
    page.set_viewport_size({"width": 320, "height": 900})
    assert scrolls_sideways(page) == ""
    page.set_viewport_size({"width": 1280, "height": 900})


def sign_in(page, url):
    page.goto(f"{url}/compte/login/")
    page.get_by_label("Adresse e-mail").fill(EMAIL)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def sign_out(page, url):
    page.goto(f"{url}/compte/")
    page.get_by_role("button", name="Se déconnecter").click()


def test_a_recruiter_opens_an_account_and_protects_it(site, visit):
    url = site.url.replace("127.0.0.1", "localhost")
    page = visit()

    page.goto(f"{url}/compte/login/")
    page.get_by_role("link", name="Ouvrir un compte").click()
    page.get_by_label("Adresse e-mail").fill(EMAIL)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Ouvrir le compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos e-mails")
    page.goto(url + link_to(site, EMAIL, "/compte/confirm-email/"))
    is_good(page)
    page.get_by_role("button", name="Oui, confirmer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")
    expect(page.locator(".messages")).to_contain_text("L’adresse est confirmée.")

    # An application: the code that it shows, then the codes for the day it is lost.
    page.goto(f"{url}/compte/")
    page.get_by_role("link", name="Protéger le compte").click()
    page.get_by_role("link", name="Ajouter une application").click()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    secret = page.locator("code.secret").inner_text()
    expect(page.get_by_role("img", name="Code QR pour l’application")).to_be_visible()
    is_good(page)
    page.get_by_label("Code", exact=True).fill(code(secret))
    page.get_by_role("button", name="Activer").click()
    expect(page.locator(".codes code")).to_have_count(10)
    is_good(page)

    sign_out(page, url)
    sign_in(page, url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Double authentification")
    is_good(page)
    page.get_by_label("Code", exact=True).fill(code(secret, 1))
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")

    # A passkey: added, and enough alone from then on.
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{url}/compte/2fa/keys/add/")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    is_good(page)
    page.get_by_label("Nom de la clé").fill("Portable")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_role("list").filter(has_text="Portable")).to_contain_text("sans mot de passe")
    is_good(page)
    sign_out(page, url)
    page.goto(f"{url}/compte/login/")
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")

    # Or beside the password, in place of a code; and before what matters.
    sign_out(page, url)
    sign_in(page, url)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")
    page.goto(f"{url}/compte/delete/")
    page.get_by_role("link", name="Avec une clé d’accès").click()
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Supprimer mon compte")
    is_good(page)
    page.get_by_label("Oui, supprimer mon compte").check()
    page.get_by_role("button", name="Supprimer le compte").click()
    expect(page.locator(".messages")).to_contain_text("Le compte est supprimé.")

    # The mails of all this are gone before another test looks at its own.
    end = time.monotonic() + 60
    while time.monotonic() < end and not any("est supprim" in mail for mail in site.mails):
        time.sleep(0.25)
    assert site.recipients.count(EMAIL) == 4
