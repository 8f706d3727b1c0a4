"""Take the screenshots of the README from a temporary site: `make screenshots`."""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")

from tests.browser.conftest import FLAGS, sign_in  # noqa: E402
from tests.browser.site import running_site  # noqa: E402
from tests.chromium import find_chromium  # noqa: E402

DIRECTORY = ROOT / "docs/img"
MAX_BYTES = 150_000
# (name, path or key of site.pages, viewport, color scheme, e-mail of the user, selector to scroll to)
SCREENSHOTS = [
    ("home", "/", (1280, 800), "light", None, None),
    ("offers", "/offres/?q=cto+cdi+auvergne-rh%C3%B4ne-alpes+60k", (1280, 800), "light", None, None),
    ("role", "/metiers/cto/", (1280, 800), "light", None, "#salaire"),
    ("offer-phone", "offer", (390, 800), "dark", None, None),
    ("role-phone", "/metiers/cto/", (390, 800), "dark", None, "#salaire"),
    ("admin", "/admin/", (1280, 800), "light", "curator@example.org", None),
]


def main():
    chromium = find_chromium() or sys.exit("No chromium, chromium-browser or google-chrome was found: set CHROMIUM=.")
    with (
        tempfile.TemporaryDirectory() as directory,
        running_site(Path(directory)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, page_path, (width, height), scheme, email, target in SCREENSHOTS:
            context = browser.new_context(
                base_url=site.url,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                locale="fr-FR",
                storage_state=sign_in(browser, site, email, site.passwords[email]) if email else None,
            )
            page = context.new_page()
            page.goto(site.pages.get(page_path, page_path), wait_until="networkidle")
            if target:
                page.locator(target).evaluate("element => element.scrollIntoView()")
            path = DIRECTORY / f"{name}.png"
            page.screenshot(path=path)
            size = path.stat().st_size
            print(f"{path.relative_to(ROOT)}: {size // 1000} kB")
            if size > MAX_BYTES:
                sys.exit(f"{path} is larger than {MAX_BYTES} bytes.")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
