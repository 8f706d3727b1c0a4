"""Communes in the admin."""

from django.urls import reverse

from tests.admin.pages import change_url
from tests.factories import make_place


def test_communes_are_read_only(client, superuser):
    place = make_place()
    assert client.get(reverse("admin:places_place_changelist") + "?q=69002").status_code == 200
    assert "69001, 69002" in client.get(change_url(place)).content.decode()
    assert client.post(change_url(place), {"name": "Lyonne"}).status_code == 403
    assert client.get(reverse("admin:places_place_add")).status_code == 403
    assert client.post(reverse("admin:places_place_delete", args=[place.pk]), {"post": "yes"}).status_code == 403
