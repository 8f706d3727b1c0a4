"""Requests while the database is unavailable: cached pages are served as stale, other pages give 503."""

import time

import pytest
from django.db import OperationalError, connection

from jobboard.middleware import is_database_unavailable
from tests.factories import make_offer, make_role


@pytest.fixture
def stop_database(monkeypatch):
    """Return a function after whose call every database query fails."""

    def refuse(*args, **options):
        raise OperationalError("connection to server at 10.0.0.3 failed: password of user 'site' wrong")

    def stop():
        monkeypatch.setattr(connection, "cursor", refuse)

    yield stop
    monkeypatch.undo()


@pytest.mark.django_db
def test_without_the_database_cached_pages_are_served_and_others_give_503(client, visitor, stop_database, caplog):
    role, offer = make_role(), make_offer()
    urls = ["/", "/offres/", "/metiers/", role.get_absolute_url(), offer.get_absolute_url()]
    cached = {url: client.get(url) for url in urls}
    stop_database()
    began = time.monotonic()
    for url in urls:
        response = visitor.get(url)
        assert (response.status_code, response["X-Cache"]) == (200, "stale"), url
        assert response.content == cached[url].content
    for url in ("/offres/?q=python", "/offres/999-autre/", "/alertes/gerer/x/", "/contact/"):
        response = visitor.get(url)
        if url == "/contact/":
            assert response.status_code == 200
            continue
        assert response.status_code in (404, 503), url
        if response.status_code == 503:
            assert "momentanément indisponible" in response.content.decode()
            assert int(response["Retry-After"]) > 0
            assert "default-src 'none'" in response["Content-Security-Policy"]
    assert time.monotonic() - began < 2
    assert "10.0.0.3" not in caplog.text
    assert caplog.text.count("cached pages are served as they are") == 1


@pytest.mark.django_db
def test_without_the_database_a_page_that_is_never_cached_gives_503(visitor, stop_database):
    stop_database()
    response = visitor.get("/offres/1-x/postuler/")
    assert response.status_code == 503
    assert response["Retry-After"]


def test_only_connection_errors_mean_that_the_database_is_unavailable():
    def make_error(kind=OperationalError, **attributes):
        error = kind("x")
        error.__cause__ = Exception()
        for name, value in attributes.items():
            setattr(error.__cause__, name, value)
        return error

    assert is_database_unavailable(make_error())
    assert is_database_unavailable(make_error(sqlstate="57P01"))
    assert is_database_unavailable(make_error(sqlstate="08006"))
    assert is_database_unavailable(make_error(sqlite_errorname="SQLITE_CANTOPEN"))
    assert not is_database_unavailable(make_error(sqlstate="57014")), "a statement that takes too long"
    assert not is_database_unavailable(make_error(sqlite_errorname="SQLITE_FULL"))
    assert not is_database_unavailable(make_error(ValueError))
