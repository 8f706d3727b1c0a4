from django.db import OperationalError, connection
from django.test import Client


def test_health_reports_database_and_search(client, db):
    response = client.get("/sante/")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "search": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_health_without_a_database_gives_503_without_details(db, monkeypatch):
    def refuse():
        raise OperationalError("connection to server at 10.0.0.3 failed: password of user 'site' wrong")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        response = Client().get("/sante/")
    assert response.status_code == 503
    assert set(response.json()) == {"database", "search"}
    assert response.json()["database"] == "unreachable"
    assert "no-store" in response["Cache-Control"]


def test_missing_index_fails_the_strict_check_only(client, db, settings, tmp_path):
    settings.SEARCH_DIR = tmp_path / "nowhere"
    response = client.get("/sante/")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "search": "unavailable"})
    assert client.get("/sante/?strict").status_code == 503


def test_late_index_fails_the_strict_check_only(client, db, search_index, monkeypatch):
    assert client.get("/sante/?strict").status_code == 200
    monkeypatch.setattr("offers.indexing.health.LATE", -1)
    response = client.get("/sante/")
    assert (response.status_code, response.json()["search"]) == (200, "late")
    assert client.get("/sante/?strict").status_code == 503


def test_health_makes_one_query(client, django_assert_num_queries, db):
    with django_assert_num_queries(1):
        client.get("/sante/")


def test_health_refuses_post(client):
    assert client.post("/sante/").status_code == 405
