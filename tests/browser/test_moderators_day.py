"""A moderator's day: signs in with a second factor, reads the queue, decides by keyboard, and handles a report."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_accessible, find_overflow
from tests.browser.mails import wait_for_mail
from tests.browser.test_accounts import totp_code
from tests.browser.test_keyboard import FOCUS_IS_VISIBLE, tab_to

QUEUE = "/admin/offers/offer/moderation/"
PASSWORD = "motdepasse-d-essai"
# A moderator with an authenticator app, and a company whose offers and change wait; `name` keeps test runs apart.
CREATE = """
from datetime import timedelta
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.utils import timezone
from offers.companies.models import CompanyRevision
from offers.enums import OfferStatus
from offers.places.models import Place
from tests.factories import make_company, make_member, make_offer, make_report, make_user
now, lyon = timezone.now(), Place.objects.get(insee_code="69123")
moderator = make_user(email="moderation-{name}@example.org", is_staff=True)
moderator.groups.add(Group.objects.get(name="Modération"))
TOTP.activate(moderator, {secret!r})
company = make_company(name="Ateliers {name}", website="https://ateliers-{name}.example.org/")
owner = make_member(company, make_user(email="patronne-{name}@example.org")).user
text = "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la production. " * 4
# Longer in the queue than all other offers.
waiting = dict(status=OfferStatus.SUBMITTED, company=company, place=lyon, pay_min=45_000, pay_max=52_000)
for index, title in enumerate(["Lectrice de compilateurs", "Graveuse de microcodes", "Tisserande de réseaux"]):
    description = f"## Mission {{index}}\\n\\n{{text}} Lire [notre page](https://ateliers-{name}.example.org/equipe)."
    since = now - timedelta(days={days}, hours=-index)
    make_offer(title=f"{{title}} {name}", description=description, waiting_since=since, **waiting)
CompanyRevision.objects.create(
    company=company, by=owner, changes=dict(name="Banque {name}"), created_at=now - timedelta(days={days})
)
public = make_offer(title="Brodeuse de pixels {name}", company=company, place=lyon, description=text)
make_report(offer=public, explanation="Elle est pourvue depuis un an.", created_at=now - timedelta(days={days}))
"""


def sign_in_with_second_factor(page, email, secret):
    page.goto("/admin/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Double authentification")
    page.get_by_label("Code", exact=True).fill(totp_code(secret))
    page.get_by_role("button", name="Continuer").click()


@pytest.mark.parametrize(("width", "days"), [(1280, 40), (360, 50)])
def test_moderator_works_through_a_day(open_page, site, width, days):
    name, secret = f"{width}", "JBSWY3DPEHPK3PXP"
    site.run(CREATE.format(name=name, secret=secret, days=days))
    page = open_page(width=width)
    sign_in_with_second_factor(page, f"moderation-{name}@example.org", secret)

    # The front page leads to the queue, with the age of the oldest offer.
    todo = page.locator(".waiting a", has_text=f"offres à relire, la plus ancienne depuis {days}\u00a0jours")
    expect(todo).to_be_visible()
    todo.click()
    first = page.locator("article.case").first
    expect(page.locator("#content-main > p").first).to_contain_text(f"la plus ancienne depuis {days}\u00a0jours")
    page.keyboard.press("j")
    expect(first).to_be_focused()
    expect(first.locator("h2")).to_have_text(f"Lectrice de compilateurs {name}")
    page.keyboard.press("o")

    # One offer on one page, read and accepted by keyboard.
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Lectrice de compilateurs {name}")
    position = page.locator(".queue-position b")
    expect(position).to_contain_text("1 sur ")
    for text in ("45\u00a0–\u00a052\u00a0K€", "Lyon (69)", "Mission 0"):
        expect(page.locator("article.case")).to_contain_text(text)
    expect(page.get_by_text("Raccourcis d’une touche")).to_be_visible()
    assert find_overflow(page) == ""
    page.keyboard.press("j")
    expect(position).to_contain_text("2 sur ")
    page.keyboard.press("k")
    expect(position).to_contain_text("1 sur ")
    page.keyboard.press("a")
    expect(page.locator(".messagelist .success")).to_contain_text("est publiée")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Graveuse de microcodes {name}")
    assert "relue et publi" in wait_for_mail(site, f"patronne-{name}@example.org", 1)

    # The next one is returned with a reason; keys are text while it is written.
    page.keyboard.press("r")
    reason = page.locator("#decision textarea")
    expect(reason).to_be_focused()
    page.keyboard.type("Ajoutez les jours de présence et l’adresse.")
    tab_to(page, page.get_by_role("button", name="Renvoyer"), max_steps=3)
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_contain_text("est renvoyée à l’entreprise")
    assert "Ajoutez les jours" in wait_for_mail(site, f"patronne-{name}@example.org", 2)

    # The shortcuts can be switched off, on this page and the next ones.
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Tisserande de réseaux {name}")
    page.get_by_label("Raccourcis d’une touche").uncheck()
    page.keyboard.press("a")
    page.reload()
    expect(page.get_by_label("Raccourcis d’une touche")).not_to_be_checked()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Tisserande de réseaux {name}")
    page.get_by_label("Raccourcis d’une touche").check()

    # All works by Tab alone.
    button = page.get_by_role("button", name="Publier")
    page.locator("#content-main").evaluate("element => { element.tabIndex = -1; element.focus() }")
    tab_to(page, button, max_steps=80)
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_contain_text(f"Tisserande de réseaux {name}")

    # A change of the company is declined with a reason that its owner reads.
    page.goto("/admin/")
    page.locator(".waiting a", has_text="entreprise").filter(has_text="à relire").click()
    page.locator("#result_list tbody tr", has_text=f"Banque {name}").get_by_role("link").first.click()
    page.get_by_role("link", name="Décider").click()
    expect(page.locator(".differences ins")).to_contain_text("Banque")
    if width == 1280:
        assert_accessible(page)
    page.get_by_label("Refuser").check()
    page.get_by_role("button", name="Décider et prévenir").click()
    expect(page.locator(".errorlist")).to_contain_text("Indiquez le motif")
    page.get_by_label("Motif d’un refus").fill("Ce nom est pris par une autre entreprise.")
    assert find_overflow(page) == ""
    page.get_by_role("button", name="Décider et prévenir").click()
    expect(page.locator(".messagelist .success")).to_contain_text("changement refusé")
    assert "Ce nom est pris par une autre entreprise." in wait_for_mail(site, f"patronne-{name}@example.org", 4)

    # The report: from its page to the offer, and the decision.
    page.goto("/admin/moderation/report/")
    page.locator("#result_list tbody tr", has_text=f"Brodeuse de pixels {name}").get_by_role("link").first.click()
    page.get_by_role("link", name="Relire l’offre").click()
    expect(page.locator(".queue-position")).to_contain_text("n’attend pas de relecture")
    page.get_by_role("link", name="1 signalement en attente").click()
    page.get_by_label("Rien à corriger").check()
    page.get_by_label("Raisons").fill("L’entreprise confirme que le poste est ouvert.")
    page.get_by_role("button", name="Décider et prévenir").click()
    expect(page.locator(".messagelist .success")).to_contain_text(f"Brodeuse de pixels {name}")


def test_all_offers_are_chosen_and_confirmed(open_page, curator):
    page = open_page(state=curator)
    page.goto(QUEUE)
    count = page.locator("article.case").count()
    page.get_by_role("button", name="Tout choisir").click()
    expect(page.get_by_role("status")).to_have_text(f"{count} offres choisies sur {count}")
    page.locator("article.case input[type=checkbox]").first.uncheck()
    expect(page.get_by_role("status")).to_have_text(f"{count - 1} offre{'s' if count > 2 else ''} "
                                                    f"choisie{'s' if count > 2 else ''} sur {count}")  # fmt: skip
    page.get_by_role("button", name="Publier…").click()
    expect(page.get_by_role("heading", level=2).last).to_contain_text(f"{count - 1} offre")
    assert_accessible(page)
    page.get_by_role("button", name="Revenir à la liste").click()
    # The way back keeps the choice.
    expect(page.locator("article.case")).to_have_count(count)
    expect(page.locator("article.case input[type=checkbox]:checked")).to_have_count(count - 1)


def test_queue_and_review_work_without_javascript(open_page, curator):
    page = open_page(state=curator, javascript=False)
    page.goto(QUEUE)
    expect(page.get_by_text("Raccourcis d’une touche")).not_to_be_visible()
    page.get_by_role("button", name="Tout choisir").click()
    boxes = page.locator("article.case input[type=checkbox]")
    expect(page.locator("article.case input[type=checkbox]:checked")).to_have_count(boxes.count())
    page.locator("article.case h2 a").first.click()
    expect(page.locator(".queue-position b")).to_contain_text("1 sur ")
    page.locator("#decision summary").click()
    page.get_by_role("button", name="Renvoyer").click()
    expect(page.locator(".messagelist .error")).to_contain_text("Indiquez le motif")
    expect(page.locator("#decision textarea")).to_be_visible()


def test_focus_is_visible_on_the_page_of_an_offer(open_page, curator):
    page = open_page(state=curator)
    page.goto(QUEUE)
    page.locator("article.case h2 a").first.click()
    page.get_by_role("link", name="Décider").click()
    expect(page.locator("#decision")).to_be_focused()
    assert page.evaluate(FOCUS_IS_VISIBLE)
