"""Text in a request that is not UTF-8, or with a NUL character, gives 400 with the error page of the site.

Django would store invalid bytes as U+FFFD, and PostgreSQL cannot store NUL.
"""

from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.base import BaseHandler
from django.test import Client, RequestFactory

from jobboard.contact.models import Lead
from jobboard.encoding import Utf8Request

pytestmark = pytest.mark.django_db
PATHS = ["/", "/offres/", "/metiers/", "/contact/", "/compte/login/", "/admin/login/", "/nulle-part/", "/static/x.css"]
FORMS = ["/contact/", "/compte/login/", "/admin/login/"]
FORM = "application/x-www-form-urlencoded"
CHARSETS = [
    *("latin-1", "iso-8859-15", "windows-1252", "utf-16", "utf-7", "utf-8-sig", "ascii", "big5", "idna", "punycode"),
    *("base64", "rot13", "undefined", "unicode_escape", "mbcs", "inconnu", "é", "a" * 3_000, "a\0b", "../x", '"'),
]


def assert_refused(response):
    assert response.status_code == 400
    assert "Cette adresse ou ce formulaire n’a pas pu être lu" in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["q=a%00b", "%00=1", "ou=%00", "q=%E9", "%E9=1", "q=é", "q=%ED%A0%80", "q=%C3&a=b"])
def test_invalid_query_string_gives_400(client, path, query):
    assert_refused(client.get(path, QUERY_STRING=query))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cookie", ['sessionid="a\\000b"', 'csrftoken="a\\000b"; m="\\000"', "a=\xe9", "\xff=1"])
def test_invalid_cookie_gives_400(path, cookie):
    # NUL in octal and quoted, as a browser may send it.
    assert_refused(Client().get(path, HTTP_COOKIE=cookie))


@pytest.mark.parametrize("path", ["/%00", "/offres/1-a%00/", "/metiers/%00/", "/admin/%00/", "/%E9", "/metiers/a%FFb/"])
def test_invalid_path_gives_400(client, path):
    assert_refused(client.get(path))


@pytest.mark.parametrize("path", FORMS)
def test_nul_in_a_form_gives_400(client, path):
    assert_refused(client.post(path, {"name": "a\0b"}))
    assert_refused(client.post(path, {"a\0b": "name"}))
    assert_refused(client.post(path, "email=%00", content_type=FORM))


def multipart(*parts: tuple[bytes, bytes]) -> bytes:
    """Return a multipart body of parts (disposition, content)."""
    body = b"".join(b"--bord\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % part for part in parts)
    return body + b"--bord--\r\n"


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("body", [b"name=%E9", b"name=\xe9", b"%E9=a", b"a=b&name=%C3", b"name=%ED%A0%80", b"a=%FF%FE"])
def test_urlencoded_form_that_is_not_utf8_gives_400(client, path, body):
    assert_refused(client.post(path, body, content_type=FORM))


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "parts",
    [
        [(b'name="message"', b"\xe9")],
        [(b'name="message"', b"\xc3")],
        [(b'name="\xe9"', b"a")],
        [(b'name="a"', b"b"), (b'name="cv"; filename="\xe9.pdf"', b"%PDF")],
        [(b"name=\"cv\"; filename*=UTF-8''%E9.pdf", b"%PDF")],
        # Beyond the first chunk that is read.
        [(b'name="cv"; filename="a.pdf"', b"x" * 200_000), (b'name="cv"; filename="\xe9.pdf"', b"%PDF")],
    ],
)
def test_multipart_form_that_is_not_utf8_gives_400(client, path, parts):
    assert_refused(client.post(path, multipart(*parts), content_type="multipart/form-data; boundary=bord"))


def test_part_header_across_two_chunks_is_checked(client):
    for size in range(65_536 - 90, 65_536 + 10):
        body = multipart((b'name="a"; filename="a.pdf"', b"x" * size), (b'name="b"; filename="\xe9"', b"y"))
        response = client.post("/contact/", body, content_type="multipart/form-data; boundary=bord")
        assert response.status_code == 400, size


def test_valid_text_is_stored_as_sent(client, settings):
    settings.CONTACT_MINIMUM_DELAY = 0
    message = "Été, œuvre, 😀, et le caractère \ufffd, collé d’un PDF\nà la ligne"
    data = {"subject": "recruteur", "name": "Zoé", "company": "Émile", "email": "zoe@example.org", "message": message}
    for content_type in ("urlencoded", "multipart"):
        Lead.objects.all().delete()
        token = client.get("/contact/").context["form"]["form_token"].value()
        fields = {**data, "form_token": token}
        if content_type == "multipart":
            file = SimpleUploadedFile("été \ufffd.pdf", bytes(range(256)) * 300)
            response = client.post("/contact/", {**fields, "file": file})
        else:
            response = client.post("/contact/", urlencode(fields), content_type=FORM)
        assert response.status_code == 302, response.context["form"].errors
        lead = Lead.objects.get()
        assert (lead.name, lead.company) == ("Zoé", "Émile")
        assert lead.message.replace("\r\n", "\n") == message


@pytest.mark.parametrize("charset", CHARSETS)
def test_content_type_with_another_charset_gives_400(charset):
    # With the request class of jobboard/wsgi.py, which the test client does not use.
    handler = BaseHandler()
    handler.load_middleware()
    for path in ("/", "/contact/", "/nulle-part/"):
        for method in ("GET", "POST", "PUT"):
            for cookie in ("", "sessionid=x; csrftoken=y"):
                environ = RequestFactory().generic(method, path, HTTP_COOKIE=cookie, QUERY_STRING="q=%C3%A9").environ
                for content_type in (FORM, "text/html", "multipart/form-data; boundary=x"):
                    request = Utf8Request({**environ, "CONTENT_TYPE": f"{content_type}; charset={charset}"})
                    request._dont_enforce_csrf_checks = True
                    assert handler.get_response(request).status_code == 400, (path, method)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "U8", '"utf-8"'])
def test_content_type_with_utf8_is_accepted(charset):
    environ = RequestFactory().generic("POST", "/", "nom=%C3%A9", CONTENT_TYPE=f"{FORM}; charset={charset}").environ
    assert Utf8Request(environ).POST["nom"] == "é"


@pytest.mark.parametrize("parameters", ["charset*=inconnu''x", "charset*=utf-16''%00", "a*0*=x; a*1=y", "*=; =; ;"])
def test_malformed_content_type_does_not_raise(parameters):
    environ = RequestFactory().generic("GET", "/").environ
    request = Utf8Request({**environ, "CONTENT_TYPE": f"text/html; {parameters}"})
    assert isinstance(request.content_params.get("charset", ""), str)


def test_other_control_characters_are_accepted(client):
    assert client.get("/?q=é%0A%09%F0%9F%98%80").status_code == 200
