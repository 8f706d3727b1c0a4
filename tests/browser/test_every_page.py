"""Every page is accessible, has no horizontal scrolling at 320 px, and is small."""

import gzip

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe

from tests.browser.checks import find_overflow

PAGES = {
    "home": "/",
    "offers": "/offres/",
    "offers filtered": "/offres/?ou=Lyon&rayon=50&contrat=cdi&competence=python",
    "offers, invalid values": "/offres/?ou=Saint-Denis&salaire=beaucoup",
    "offers, unknown place": "/offres/?ou=Lyonn",
    "offers, none": "/offres/?contrat=interim&ou=Lyon",
    "offers, none of an endless word": "/offres/?q=Rindfleischetikettierungs%C3%BCberwachungsaufgaben",
    "offers, endless words": "/offres/?contrat=cdd&q=" + 2 * "Rindfleischetikettierungs%C3%BCberwachungsaufgaben",
    "offer": "offer",
    "offer, endless words": "endless",
    "company": "/entreprises/ateliers-numeriques/",
    "invited": "invitation",
    "offer filled": "filled",
    "report": "report",
    "offer gone": "gone",
    "apply": "apply",
    "apply, thanks": "applied",
    "application": "application",
    "application, CV refused": "application, CV refused",
    "application, offer filled": "application, offer filled",
    "application erase": "application erase",
    "applications, links": "/candidatures/",
    "applications, mail sent": "/candidatures/envoi/",
    "roles": "/metiers/",
    "role": "/metiers/cto/",
    "contact": "/contact/",
    "contact, recruiter": "/contact/?sujet=recruteur",
    "contact, accessibility": "/contact/?sujet=accessibilite",
    "contact, thanks": "/contact/merci/",
    "alert, new": "/alertes/nouvelle/?contrat=cdi&salaire=beaucoup",
    "alert, unknown place": "/alertes/nouvelle/?contrat=cdi&ou=Nulleparville",
    "alerts": "/alertes/",
    "alerts, mail sent": "/alertes/envoi/",
    "alert, to confirm": "alert-confirm",
    "alert, to stop": "alert-stop",
    "alerts, managed": "alert-manage",
    "legal notice": "/mentions-legales/",
    "privacy": "/confidentialite/",
    "accessibility": "/accessibilite/",
    "login": "/compte/login/",
    "sign-up": "/compte/signup/",
    "confirm address": "/compte/confirm-email/",
    "password reset": "/compte/password/reset/",
    "400": "/?q=%00",
    "404": "/nulle-part/",
}
PRIVATE_PAGES = {
    "recruiters": ("/recruteurs/", "recruiter"),
    "recruiters, no matches": ("/recruteurs/?q=introuvable", "recruiter"),
    "audience": ("audience", "recruiter"),
    "new company": ("/recruteurs/entreprises/nouvelle/", "recruiter"),
    "company form": ("/recruteurs/entreprises/ateliers-numeriques/", "recruiter"),
    "members": ("/recruteurs/entreprises/ateliers-numeriques/membres/", "recruiter"),
    "invitations": ("/recruteurs/entreprises/ateliers-numeriques/invitations/", "recruiter"),
    "join": ("/recruteurs/entreprises/ateliers-numeriques/rejoindre/", "recruiter"),
    "posting": ("/recruteurs/offres/nouvelle/", "recruiter"),
    "posting, text": ("step", "writer"),
    "posting, changes": ("edit", "recruiter"),
    "account": ("/compte/", "recruiter"),
    "account, address": ("/compte/email/", "recruiter"),
    "account, sessions": ("/compte/sessions/", "recruiter"),
    "account, second factor": ("/compte/2fa/", "recruiter"),
    "account, reauthentication": ("/compte/reauthenticate/", "recruiter"),
    "inbox": ("/recruteurs/candidatures/", "recruiter"),
    "inbox application": ("inbox application", "recruiter"),
    "inbox decline": ("inbox decline", "recruiter"),
    "admin": ("/admin/", "curator"),
    "admin offers": ("/admin/offers/offer/", "curator"),
    "admin offer": ("/admin/offers/offer/add/", "curator"),
    "admin moderation": ("/admin/offers/offer/moderation/", "curator"),
    "admin review": ("admin review", "curator"),
    "admin roles": ("/admin/careers/role/", "curator"),
    "admin leads": ("/admin/contact/lead/", "curator"),
    "admin record": ("/admin/privacy/personaldatarequest/registre/", "curator"),
}
# Bytes of a page and its resources.
BUDGET = 60_000
# Widgets of Django's admin: the autocomplete list has no accessible name, the label of its search field is an icon.
ADMIN_CONTEXT = {"exclude": [[".select2-container"]]}
ADMIN_RULES = {"rules": {"label-title-only": {"enabled": False}}}


class TransferSize:
    """The transferred bytes of a page: static files as sent, HTML as compressed by the proxy of production."""

    def __init__(self, page):
        self.documents, self.sizes = [], {}
        page.on("response", self.on_response)
        page.on("requestfinished", self.on_request_finished)

    def on_response(self, response):
        if response.request.is_navigation_request():
            self.documents.append(response)

    def on_request_finished(self, request):
        if not request.is_navigation_request():
            sizes = request.sizes()
            self.sizes[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    def problems(self):
        """Return errors; call it when the network is idle."""
        pages = {response.url: len(gzip.compress(response.body(), 6)) + 1_000 for response in self.documents}
        sizes = self.sizes | pages
        # At least style sheet, script, font and page, or the measurement is wrong.
        if len(sizes) < 4 or not all(sizes.values()):
            return [f"cannot be measured: {sizes}"]
        return [f"exceeds the budget: {sizes}"] if sum(sizes.values()) >= BUDGET else []


def find_violations(page, in_admin):
    """Run axe at two widths in light and dark."""
    page.evaluate(Axe().axe_script)
    problems = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # The dark scheme differs by colours only.
            rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if scheme == "dark" else {}
            options = {"resultTypes": ["violations"], **(ADMIN_RULES if in_admin and not rules else rules)}
            run = "([context, options]) => axe.run(context ?? document, options)"
            result = AxeResults(page.evaluate(run, [ADMIN_CONTEXT if in_admin else None, options]))
            if result.violations_count:
                problems.append(f"{width} px, {scheme}: {result.generate_report()}")
    return problems


@pytest.mark.parametrize("name", [*PAGES, *PRIVATE_PAGES])
def test_page_is_accessible_narrow_and_within_its_budget(open_page, site, request, name):
    """All checks on one load: loading the page three times took a third of the time of these tests."""
    path, user = PRIVATE_PAGES.get(name) or (PAGES[name], None)
    path = site.pages.get(path, path)
    # The admin is by Django, for few users: its tables scroll in their own container.
    in_admin = path.startswith("/admin/")
    page = open_page(state=request.getfixturevalue(user) if user else None)
    transfer_size = TransferSize(page)
    page.goto(path, wait_until="load" if in_admin else "networkidle")
    problems = [] if in_admin else transfer_size.problems()
    problems += find_violations(page, in_admin)
    if not in_admin:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 320, "height": 900})
        if overflow := find_overflow(page):
            problems.append(f"scrolls horizontally at 320 px: {overflow}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", ["/metiers/cto/", "offer", "/offres/"])
def test_printed_page_shows_the_content_within_the_paper_width(open_page, site, path):
    page = open_page(width=794)
    page.goto(site.pages.get(path, path))
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.get_by_role("navigation", name="Principal").is_visible()
    assert find_overflow(page) == ""
    assert len(page.pdf(format="A4")) > 10_000
