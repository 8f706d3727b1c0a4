"""Checks of the layout and the accessibility of a page."""

from axe_playwright_python.sync_playwright import Axe


def find_overflow(page) -> str:
    """Return the elements that are wider than the viewport, as HTML, or an empty string."""
    return page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return "";
            const wide = [...document.querySelectorAll("body *")].filter(
                (element) => element.getBoundingClientRect().right > root.clientWidth + 1);
            return wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)).join("\\n") || "something";
        }"""
    )


def assert_accessible(page):
    """Assert that axe reports no violation and that the page does not scroll horizontally at 320 px."""
    result = Axe().run(page, options={"resultTypes": ["violations"]})
    assert result.violations_count == 0, result.generate_report()
    page.set_viewport_size({"width": 320, "height": 900})
    assert find_overflow(page) == ""
    page.set_viewport_size({"width": 1280, "height": 900})
