"""A recruiter signs up, confirms the address, adds a TOTP application and a passkey, and signs in with each."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser.checks import assert_accessible
from tests.browser.mails import INTERVAL, TIMEOUT, wait_for_link
from tests.waiting import wait_until

EMAIL, PASSWORD = "lea@example.org", "motdepasse-d-essai"


def totp_code(secret, steps=0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_in(page, url):
    page.goto(f"{url}/compte/login/")
    page.get_by_label("Adresse e-mail").fill(EMAIL)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def sign_out(page, url):
    page.goto(f"{url}/compte/")
    page.get_by_role("button", name="Se déconnecter").click()


def test_recruiter_signs_up_and_adds_second_factors(site, open_page):
    url = site.url.replace("127.0.0.1", "localhost")
    page = open_page()

    page.goto(f"{url}/compte/login/")
    page.get_by_role("link", name="Ouvrir un compte").click()
    page.get_by_label("Adresse e-mail").fill(EMAIL)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Ouvrir le compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos e-mails")
    page.goto(url + wait_for_link(site, EMAIL, "/compte/confirm-email/"))
    assert_accessible(page)
    page.get_by_role("button", name="Oui, confirmer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")
    expect(page.locator(".messages")).to_contain_text("L’adresse est confirmée.")

    # TOTP: the code of the application, then the recovery codes.
    page.goto(f"{url}/compte/")
    page.get_by_role("link", name="Protéger le compte").click()
    page.get_by_role("link", name="Ajouter une application").click()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    secret = page.locator("code.secret").inner_text()
    expect(page.get_by_role("img", name="Code QR pour l’application")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill(totp_code(secret))
    page.get_by_role("button", name="Activer").click()
    expect(page.locator(".codes code")).to_have_count(10)
    recovery_code = page.locator(".codes code").first.inner_text()
    assert_accessible(page)

    sign_out(page, url)
    sign_in(page, url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Double authentification")
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill(totp_code(secret, 1))
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")

    # A passkey is added, and is sufficient for the next sign-in.
    cdp_session = page.context.new_cdp_session(page)
    cdp_session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    cdp_session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{url}/compte/2fa/keys/add/")
    # The password is not enough once there is a second factor, and the code of the app has been used.
    page.get_by_label("Code", exact=True).fill(recovery_code)
    page.get_by_role("button", name="Confirmer").click()
    assert_accessible(page)
    page.get_by_label("Nom de la clé").fill("Portable")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_role("list").filter(has_text="Portable")).to_contain_text("sans mot de passe")
    assert_accessible(page)
    sign_out(page, url)
    page.goto(f"{url}/compte/login/")
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")

    # A passkey as the second factor after the password, and for reauthentication.
    sign_out(page, url)
    sign_in(page, url)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espace recruteurs")
    page.goto(f"{url}/compte/delete/")
    page.get_by_role("link", name="Avec une clé d’accès").click()
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Supprimer mon compte")
    assert_accessible(page)
    page.get_by_label("Oui, supprimer mon compte").check()
    page.get_by_role("button", name="Supprimer le compte").click()
    expect(page.locator(".messages")).to_contain_text("Le compte est supprimé.")

    # All mails are sent before another test reads its own.
    wait_until(lambda: any("est supprim" in mail for mail in site.mails), TIMEOUT, INTERVAL)
    assert site.recipients.count(EMAIL) == 4
