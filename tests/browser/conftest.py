import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.seed import WRITER, WRITER_PASSWORD
from tests.browser.site import running_site

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
]
# Milliseconds, for a busy machine; a condition that is true already costs no time.
TIMEOUT = 30_000
expect.set_options(timeout=TIMEOUT)


def pytest_collection_modifyitems(items):
    directory = Path(__file__).parent
    for item in items:
        if directory in item.path.parents:
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


class PageOpener:
    """Open pages in new browser contexts, and record problems: failed or external requests, errors in the console."""

    def __init__(self, chromium, site):
        self.chromium = chromium
        self.site = site
        # The host name as well as the IP: browsers create passkeys for host names only.
        self.origins = {site.url, site.url.replace("127.0.0.1", "localhost")}
        self.contexts = []
        self.problems = []

    def __call__(self, *, javascript=True, width=1280, scheme="light", state=None):
        """Return a page of a new context, with the cookies in `state`."""
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
        context.set_default_timeout(TIMEOUT)
        context.on("request", self.on_request)
        context.on("response", self.on_response)
        context.on("console", self.on_console_message)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        self.contexts.append(context)
        return context.new_page()

    def on_request(self, request):
        url = urlsplit(request.url)
        if url.scheme in {"data", "blob"}:
            return
        if f"{url.scheme}://{url.netloc}" not in self.origins:
            self.problems.append(f"request to another host: {request.url}")

    def on_response(self, response):
        # The page itself may be an error page, which the test checks; its resources may not.
        if response.status >= 400 and not response.request.is_navigation_request():
            self.problems.append(f"{response.status} for {response.url}")

    def on_console_message(self, message):
        # Violations of the Content-Security-Policy are reported here. Failed requests are recorded above with their
        # URL; messages of axe, which a test runs in the page, have no URL.
        if not message.location["url"]:
            return
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"{message.type}: {message.text}")

    def close(self):
        for context in self.contexts:
            context.close()


@pytest.fixture
def open_page(chromium, site):
    opener = PageOpener(chromium, site)
    yield opener
    opener.close()
    assert opener.problems == []


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def javascript(request):
    return request.param


def fill_in_login(page, email, password):
    """Submit the form of the login page."""
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"^(?!.*/compte/login/)"))


def sign_in(chromium, site, email, password):
    """Return the cookies of a signed-in user."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/compte/login/")
    fill_in_login(page, email, password)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def curator(chromium, site):
    return sign_in(chromium, site, "curator@example.org", site.passwords["curator@example.org"])


@pytest.fixture(scope="session")
def recruiter(chromium, site):
    return sign_in(chromium, site, "recruiter@example.org", site.passwords["recruiter@example.org"])


@pytest.fixture(scope="session")
def writer(chromium, site):
    """A recruiter whose company and draft have no other texts than those of the tests."""
    return sign_in(chromium, site, WRITER, WRITER_PASSWORD)
