"""What holds on every page: accessible, narrow, light, quiet."""

import gzip

import pytest
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


def found(request, site):
    """(address, cookies of who may see it)."""
    address, who = ROOMS.get(request.param) or (PAGES[request.param], None)
    return site.pages.get(address, address), request.getfixturevalue(who) if who else None


@pytest.fixture(params=[*PAGES, *ROOMS])
def where(request, site):
    return found(request, site)


@pytest.fixture(params=[*PAGES, *(name for name, (address, _) in ROOMS.items() if not address.startswith("/admin/"))])
def where_but_admin(request, site):
    """The admin is Django's own, for the few who work in it: its tables scroll in their own frame."""
    return found(request, site)


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


def test_axe_finds_nothing(visit, where):
    address, state = where
    axe = Axe()
    in_admin = NOT_OURS_RULES if address.startswith("/admin/") else {}
    page = visit(state=state)
    page.goto(address)
    violations = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # Only colours differ in the dark.
            rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if scheme == "dark" else in_admin
            options = {"resultTypes": ["violations"], **rules}
            result = axe.run(page, context=NOT_OURS if in_admin else None, options=options)
            if result.violations_count:
                violations.append(f"{width} px, {scheme}: {result.generate_report()}")
    assert not violations, "\n".join(violations)


def test_nothing_scrolls_sideways_at_320_px(visit, where_but_admin):
    address, state = where_but_admin
    page = visit(width=320, state=state)
    page.goto(address)
    assert scrolls_sideways(page) == ""


def test_a_first_visit_weighs_less_than_60_kb(visit, where_but_admin):
    """Static files as they came over the wire, pages as the proxy before the site compresses them."""
    address, state = where_but_admin
    page = visit(state=state)
    documents, sizes = [], {}
    page.on(
        "response", lambda response: documents.append(response) if response.request.is_navigation_request() else None
    )

    def finished(request):
        if not request.is_navigation_request():
            sizes[request.url] = request.sizes()["responseBodySize"] + request.sizes()["responseHeadersSize"]

    page.on("requestfinished", finished)
    page.goto(address, wait_until="networkidle")
    for response in documents:
        sizes[response.url] = len(gzip.compress(response.body(), 6)) + 1_000
    # Style, script, font and page at least: else the measure is wrong.
    assert len(sizes) >= 4
    assert all(sizes.values())
    assert sum(sizes.values()) < BUDGET, sizes


@pytest.mark.parametrize("address", ["/metiers/cto/", "offer", "/offres/"])
def test_printed_it_is_the_content_and_fits_the_paper(visit, site, address):
    page = visit(width=794)
    page.goto(site.pages.get(address, address))
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.get_by_role("navigation", name="Principal").is_visible()
    assert scrolls_sideways(page) == ""
    assert len(page.pdf(format="A4")) > 10_000
