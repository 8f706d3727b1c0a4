"""Static files as production serves them: hashed, compressed, and kept by browsers for good."""

import re

import pytest
from django.core.management import call_command
from django.test import Client

IMMUTABLE = "max-age=315360000, public, immutable"


@pytest.fixture
def collected(settings, tmp_path, monkeypatch):
    """Our own files through the storage that is used outside of DEBUG; Django's would only take time."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin"])
    return settings.STATIC_ROOT


def fetch(address, **headers):
    """(answer, body) of a file, which is closed again."""
    response = Client().get(address, headers=headers)
    body = response.getvalue()
    response.close()
    return response, body


@pytest.mark.django_db
def test_files_of_a_page(collected):
    text = fetch("/mentions-legales/")[1].decode()
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]*)"', text))
    assert len(addresses) >= 3
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), f"{address} carries no hash"
        plain, body = fetch(address)
        assert plain.status_code == 200
        assert plain["Cache-Control"] == IMMUTABLE
        assert plain["X-Content-Type-Options"] == "nosniff"
        if not address.endswith((".css", ".js", ".svg")):
            continue
        sizes = [len(body)]
        for encoding in ("gzip", "br"):
            compressed, body = fetch(address, **{"accept-encoding": encoding})
            sizes.append(len(body))
            if compressed.headers.get("Content-Encoding"):
                assert compressed["Content-Encoding"] == encoding
                assert "Accept-Encoding" in compressed["Vary"]
            else:
                # Only what is too small to gain from it goes out as it is.
                assert len(body) < 1500
        assert sizes == sorted(sizes, reverse=True)
    font = next(address for address in addresses if address.endswith(".woff2"))
    assert fetch(font)[0]["Content-Type"] == "font/woff2"
