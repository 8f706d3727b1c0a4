"""Every form field of the admin has an accessible name, for screen readers."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from tests.admin.staff import make_superuser
from tests.factories import make_company, make_lead, make_offer, make_role, make_skill, make_user

pytestmark = pytest.mark.django_db


class UnnamedFields(HTMLParser):
    """Collect in `names` the form fields without a `<label>` and without `aria-label`."""

    def __init__(self, html):
        super().__init__()
        self.fields, self.labels = {}, set()
        self.feed(html)
        self.names = [name for key, name in self.fields.items() if key not in self.labels]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "label":
            self.labels.add(attrs.get("for"))
        ignored = attrs.get("type") in {"hidden", "submit", "button"} or "aria-label" in attrs
        if tag in {"input", "select", "textarea"} and not ignored:
            self.fields[attrs.get("id")] = attrs.get("name")


@pytest.mark.parametrize("make", [make_role, make_lead, make_offer, make_company, make_skill, make_user])
def test_every_form_field_has_an_accessible_name(client, make):
    user = make_superuser()
    client.force_login(user)
    row = make()
    if make is make_company:
        row.memberships.create(user=user)
    if make is make_skill:
        row.aliases.create(name="Autrement dit")
    meta = row._meta
    response = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]))
    assert UnnamedFields(response.content.decode()).names == []
