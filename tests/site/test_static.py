"""Static files as in production: hashed names, compressed, and immutable for browser caches."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

IMMUTABLE = "max-age=315360000, public, immutable"


@pytest.fixture
def collected(settings, tmp_path, monkeypatch):
    """Collect the files of the site with the storage of production, without those of the admin, which take long."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "jobboard.storage.StaticStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin"])
    return settings.STATIC_ROOT


def fetch(url, **headers):
    """Return (response, body) and close the file."""
    response = Client().get(url, headers=headers)
    body = response.getvalue()
    response.close()
    return response, body


@pytest.mark.django_db
def test_static_files_of_a_page_are_hashed_compressed_and_immutable(collected):
    text = fetch("/mentions-legales/")[1].decode()
    urls = set(re.findall(r'(?:src|href)="(/static/[^"]*)"', text))
    assert len(urls) >= 3
    for url in urls:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", url), f"{url} has no hash"
        response, body = fetch(url)
        assert response.status_code == 200
        assert response["Cache-Control"] == IMMUTABLE
        assert response["X-Content-Type-Options"] == "nosniff"
        if not url.endswith((".css", ".js", ".svg")):
            continue
        sizes = [len(body)]
        for encoding in ("gzip", "br"):
            compressed, body = fetch(url, **{"accept-encoding": encoding})
            sizes.append(len(body))
            if compressed.headers.get("Content-Encoding"):
                assert compressed["Content-Encoding"] == encoding
                assert "Accept-Encoding" in compressed["Vary"]
            else:
                # Files that are too small to benefit are not compressed.
                assert len(body) < 1500
        assert sizes == sorted(sizes, reverse=True)
    font = next(url for url in urls if url.endswith(".woff2"))
    assert fetch(font)[0]["Content-Type"] == "font/woff2"


@pytest.mark.django_db
def test_style_sheets_and_scripts_are_served_without_comments(collected):
    text = fetch("/mentions-legales/")[1].decode()
    for path in ("css/site", "js/site"):
        (url,) = re.findall(rf'"(/static/{path}\.[^"]*)"', text)
        served, source = fetch(url)[1].decode(), (settings.BASE_DIR / f"static/{path}{Path(url).suffix}").read_text()
        assert "/*" not in served
        assert not re.search(r"^\s*//", served, re.MULTILINE)
        # Everything else is there.
        code = re.sub(r"/\*.*?\*/|^\s*//[^\n]*$", "", source, flags=re.DOTALL | re.MULTILINE)
        assert served.split() == code.split()


@pytest.mark.django_db
def test_manifest_is_not_served(collected):
    assert not [path for path in collected.rglob("*") if path.name.startswith("staticfiles.json")]
    for url in ("/static/staticfiles.json", "/static/staticfiles.json.gz", "/static/../staticfiles.json"):
        assert fetch(url)[0].status_code == 404
