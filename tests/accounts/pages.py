"""Checks of the pages that replace the templates of django-allauth."""

import re


def assert_own_page(html: str) -> None:
    """Assert that a page has the layout of the site, is in French and complies with the Content-Security-Policy."""
    assert 'class="bar"' in html
    assert 'class="card-form"' in html
    assert 'lang="fr"' in html
    assert "testserver" not in html, "allauth would name the site by its domain"
    assert "placeholder" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\s(style|on[a-z]+)=", html)
    for word in ("Sign In", "Password", "Email", "Forgot", "Courriel"):
        assert word not in html
