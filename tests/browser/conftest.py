import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.site import running_site

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
]
# Long enough for a busy machine; what is there at once costs no wait.
MAX_WAIT_SECONDS = 30_000
expect.set_options(timeout=MAX_WAIT_SECONDS)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def site():
    with tempfile.TemporaryDirectory(prefix="jobboard-") as folder, running_site(Path(folder)) as site:
        yield site


@pytest.fixture(scope="session")
def chromium(request):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=request.config.chromium, args=FLAGS)
        yield browser
        browser.close()


class Visits:
    """Opens windows, and notes what no page may do in any of them."""

    def __init__(self, chromium, site):
        self.chromium = chromium
        self.site = site
        # The site by its name too: browsers make passkeys for names, not for addresses.
        self.origins = {site.url, site.url.replace("127.0.0.1", "localhost")}
        self.contexts = []
        self.problems = []

    def __call__(self, *, javascript=True, width=1280, scheme="light", state=None):
        """A page of a new visitor, or of somebody whose cookies are in `state`."""
        context = self.chromium.new_context(
            base_url=self.site.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            storage_state=state,
            reduced_motion="reduce",
        )
        context.set_default_timeout(MAX_WAIT_SECONDS)
        context.on("request", self.saw_request)
        context.on("response", self.saw_response)
        context.on("console", self.saw_message)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        self.contexts.append(context)
        return context.new_page()

    def saw_request(self, request):
        address = urlsplit(request.url)
        if address.scheme in {"data", "blob"}:
            return
        if f"{address.scheme}://{address.netloc}" not in self.origins:
            self.problems.append(f"request to somebody else: {request.url}")

    def saw_response(self, response):
        # The page itself may be an error, which the test then looks at; nothing it asks for may be missing.
        if response.status >= 400 and not response.request.is_navigation_request():
            self.problems.append(f"{response.status} for {response.url}")

    def saw_message(self, message):
        # A policy that blocks something says so here. What failed to load is noted above, with its address; axe, which
        # a test runs in the page, has no address.
        if not message.location["url"]:
            return
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"{message.type}: {message.text}")

    def close(self):
        for context in self.contexts:
            context.close()


@pytest.fixture
def visit(chromium, site):
    visits = Visits(chromium, site)
    yield visits
    visits.close()
    assert visits.problems == []


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def javascript(request):
    return request.param


def sign_in(chromium, site, email):
    """The cookies of who has signed in with the password that was printed when the site was made."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/compte/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(site.passwords[email])
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"^(?!.*/compte/login/)"))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def curator(chromium, site):
    return sign_in(chromium, site, "curator@example.org")


@pytest.fixture(scope="session")
def recruiter(chromium, site):
    return sign_in(chromium, site, "recruiter@example.org")
