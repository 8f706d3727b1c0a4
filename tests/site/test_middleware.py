"""A NUL character in a request gives 400 before it reaches a database, as PostgreSQL cannot store it."""

import pytest

PATHS = ["/", "/offres/", "/metiers/", "/contact/", "/compte/login/", "/admin/login/", "/nulle-part/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_nul_in_a_query_string_gives_400(client, path):
    for query in ("q=a%00b", "%00=1", "ou=%00", "page=%00"):
        assert client.get(f"{path}?{query}").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_nul_in_a_cookie_gives_400(client, path):
    # In octal and quoted, as a browser may send it.
    response = client.get(path, headers={"cookie": 'sessionid="a\\000b"'})
    assert response.status_code == 400
    response = client.get(path, headers={"cookie": 'csrftoken="a\\000b"; messages="\\000"'})
    assert response.status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/%00", "/offres/1-a%00/", "/metiers/%00/", "/admin/%00/"])
def test_nul_in_a_path_gives_400(client, path):
    assert client.get(path).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contact/", "/compte/login/", "/admin/login/"])
def test_nul_in_a_form_gives_400(client, path):
    assert client.post(path, {"name": "a\0b"}).status_code == 400
    assert client.post(path, {"a\0b": "name"}).status_code == 400
    encoded = "application/x-www-form-urlencoded"
    assert client.post(path, "email=%00", content_type=encoded).status_code == 400


@pytest.mark.django_db
def test_response_is_the_error_page_with_security_headers(client):
    response = client.get("/?q=%00")
    assert "Cette adresse ou ce formulaire n’a pas pu être lu" in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_other_control_characters_are_accepted(client):
    assert client.get("/?q=é%0A%09%F0%9F%98%80%ED%A0%80").status_code == 200
