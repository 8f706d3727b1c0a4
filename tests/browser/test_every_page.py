"""What holds on every page: accessible, narrow, light, quiet."""

import gzip

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe

PAGES = {
    "home": "/",
    "offers": "/offres/",
    "offers filtered": "/offres/?ou=Lyon&rayon=50&contrat=cdi&competence=python",
    "offers with a mistake": "/offres/?ou=Saint-Denis&salaire=beaucoup",
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
    "application erase": "application erase",
    "roles": "/metiers/",
    "role": "/metiers/cto/",
    "contact": "/contact/",
    "contact, thanks": "/contact/merci/",
    "alert, asked for": "/alertes/nouvelle/?contrat=cdi&ou=Nulleparville",
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
    "look at your mails": "/compte/confirm-email/",
    "password reset": "/compte/password/reset/",
    "400": "/?q=%00",
    "404": "/nulle-part/",
}
ROOMS = {
    "recruiters": ("/recruteurs/", "recruiter"),
    "recruiters, none found": ("/recruteurs/?q=introuvable", "recruiter"),
    "audience": ("audience", "recruiter"),
    "new company": ("/recruteurs/entreprises/nouvelle/", "recruiter"),
    "company form": ("/recruteurs/entreprises/ateliers-numeriques/", "recruiter"),
    "members": ("/recruteurs/entreprises/ateliers-numeriques/membres/", "recruiter"),
    "invitations": ("/recruteurs/entreprises/ateliers-numeriques/invitations/", "recruiter"),
    "join": ("/recruteurs/entreprises/ateliers-numeriques/rejoindre/", "recruiter"),
    "posting": ("/recruteurs/offres/nouvelle/", "recruiter"),
    "account": ("/compte/", "recruiter"),
    "account, address": ("/compte/email/", "recruiter"),
    "account, sessions": ("/compte/sessions/", "recruiter"),
    "account, second factor": ("/compte/2fa/", "recruiter"),
    "account, who one is": ("/compte/reauthenticate/", "recruiter"),
    "inbox": ("/recruteurs/candidatures/", "recruiter"),
    "inbox application": ("inbox application", "recruiter"),
    "inbox decline": ("inbox decline", "recruiter"),
    "admin": ("/admin/", "curator"),
    "admin offers": ("/admin/offers/offer/", "curator"),
    "admin offer": ("/admin/offers/offer/add/", "curator"),
    "admin moderation": ("/admin/offers/offer/moderation/", "curator"),
    "admin roles": ("/admin/careers/role/", "curator"),
    "admin leads": ("/admin/contact/lead/", "curator"),
}
BUDGET = 60_000
# Django's own: its list of suggestions has no name of its own, and the label of its search field is a picture.
NOT_OURS = {"exclude": [[".select2-container"]]}
NOT_OURS_RULES = {"rules": {"label-title-only": {"enabled": False}}}


def scrolls_sideways(page) -> str:
    """What is wider than the window, in words, or nothing."""
    return page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return "";
            const wide = [...document.querySelectorAll("body *")].filter(
                (element) => element.getBoundingClientRect().right > root.clientWidth + 1);
            return wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)).join("\\n") || "something";
        }"""
    )


class Weight:
    """The bytes of a page over the wire: of static files as they came, of pages as compressed by the proxy."""

    def __init__(self, page):
        self.documents, self.sizes = [], {}
        page.on("response", self.saw_response)
        page.on("requestfinished", self.saw_finished)

    def saw_response(self, response):
        if response.request.is_navigation_request():
            self.documents.append(response)

    def saw_finished(self, request):
        if not request.is_navigation_request():
            sizes = request.sizes()
            self.sizes[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    def problems(self):
        """Call it once the network is idle."""
        pages = {response.url: len(gzip.compress(response.body(), 6)) + 1_000 for response in self.documents}
        sizes = self.sizes | pages
        # Style, script, font and page at least: else the measure is wrong.
        if len(sizes) < 4 or not all(sizes.values()):
            return [f"cannot be weighed: {sizes}"]
        return [f"weighs too much: {sizes}"] if sum(sizes.values()) >= BUDGET else []


def violations(page, in_admin):
    """Run axe at two widths in light and dark."""
    page.evaluate(Axe().axe_script)
    problems = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # Only colours differ in the dark.
            rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if scheme == "dark" else {}
            options = {"resultTypes": ["violations"], **(NOT_OURS_RULES if in_admin and not rules else rules)}
            run = "([context, options]) => axe.run(context ?? document, options)"
            result = AxeResults(page.evaluate(run, [NOT_OURS if in_admin else None, options]))
            if result.violations_count:
                problems.append(f"{width} px, {scheme}: {result.generate_report()}")
    return problems


@pytest.mark.parametrize("name", [*PAGES, *ROOMS])
def test_a_page_is_light_accessible_and_narrow(visit, site, request, name):
    """All in one visit: loading the page three times took a third of the time of these tests."""
    address, who = ROOMS.get(name) or (PAGES[name], None)
    address = site.pages.get(address, address)
    # The admin is Django's own, for the few who work in it: its tables scroll in their own frame.
    in_admin = address.startswith("/admin/")
    page = visit(state=request.getfixturevalue(who) if who else None)
    weight = Weight(page)
    page.goto(address, wait_until="load" if in_admin else "networkidle")
    problems = [] if in_admin else weight.problems()
    problems += violations(page, in_admin)
    if not in_admin:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 320, "height": 900})
        if wide := scrolls_sideways(page):
            problems.append(f"scrolls sideways at 320 px: {wide}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("address", ["/metiers/cto/", "offer", "/offres/"])
def test_printed_it_is_the_content_and_fits_the_paper(visit, site, address):
    page = visit(width=794)
    page.goto(site.pages.get(address, address))
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.get_by_role("navigation", name="Principal").is_visible()
    assert scrolls_sideways(page) == ""
    assert len(page.pdf(format="A4")) > 10_000
