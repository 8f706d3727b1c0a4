"""The summary of errors above a form: counted as shown, in the order of the fields, with one mark after each label."""

import re
from html import unescape

import pytest
from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from offers.models import Question
from offers.posting.forms import STEPS
from tests.factories import make_company, make_member, make_offer, make_place
from tests.posting.forms import form_errors, make_draft, post_step, step_url, url

pytestmark = pytest.mark.django_db


class TwoErrors(forms.Form):
    name = forms.CharField(label="Nom")
    place = forms.CharField(label="Quelle commune\u00a0?")


def summary(form) -> str:
    return re.sub(r"[ \n]+", " ", unescape(render_to_string("includes/_errors.html", {"form": form})))


def test_number_of_errors_is_that_of_the_list():
    form = TwoErrors({"name": "x", "place": "x"})
    form.add_error("name", ["Trop court.", "Trop simple."])
    assert "<h2>2\u00a0points sont à corriger</h2>" in summary(form)
    assert summary(form).count("<li>") == 2
    form = TwoErrors({"name": "x", "place": "x"})
    form.add_error("name", "Trop court.")
    assert "<h2>Un point est à corriger</h2>" in summary(form)
    form.add_error(None, "Trop tard.")
    assert "<h2>2\u00a0points sont à corriger</h2>" in summary(form)


def test_errors_of_several_forms_are_one_summary():
    html = summary([TwoErrors({"name": "x"}), TwoErrors({"place": "x"}), TwoErrors({"name": "x", "place": "x"})])
    assert "<h2>2\u00a0points sont à corriger</h2>" in html
    assert html.count('role="alert"') == 1


def test_label_that_ends_with_a_mark_has_no_colon():
    html = summary(TwoErrors({}))
    assert ">Nom</a>\u00a0: Ce champ" in html
    assert ">Quelle commune\u00a0?</a> Ce champ" in html


def assert_fields_in_order(response, form):
    """Assert that the page shows the fields of the form in its order, which is that of the summary."""
    page = response.content.decode().partition("<main")[2]
    fields = [field.html_name for field in form if not field.is_hidden and field.name != "detail"]
    shown = [name for name in fields if f'name="{name}"' in page]
    assert "-----" not in page, "the label of Django for an empty choice"
    positions = [page.index(f'name="{name}"') for name in shown]
    assert len(shown) > 1
    assert shown == [name for _, name in sorted(zip(positions, shown, strict=True))]


@pytest.fixture
def company(client):
    company = make_company()
    client.force_login(make_member(company).user)
    return company


@pytest.mark.parametrize("slug", [form.slug for form in STEPS])
def test_steps_show_fields_in_their_order(client, company, slug):
    response = client.get(step_url(make_draft(company), slug))
    assert_fields_in_order(response, response.context["form"])


def test_question_which_commune_follows_the_commune(client, company):
    for insee_code, department, region in (("97411", "974", "04"), ("93066", "93", "11")):
        make_place(insee_code=insee_code, name="Saint-Denis", department=department, region=region)
    response = post_step(client, step_url(make_draft(company), "conditions"), place="Saint-Denis")
    assert "which_place" in form_errors(response)
    assert_fields_in_order(response, response.context["form"])


def test_published_offer_shows_fields_in_their_order(client, company):
    response = client.get(url("edit", make_offer(company=company).pk))
    for form in response.context["forms"]:
        assert_fields_in_order(response, form)


def test_forms_of_companies_show_fields_in_their_order(client, company):
    for path in (reverse("posting:company", args=[company.slug]), reverse("posting:company_new")):
        response = client.get(path)
        assert_fields_in_order(response, response.context["form"])
    response = client.post(reverse("posting:company", args=[company.slug]), {"description": "Recherche un homme jeune"})
    assert_fields_in_order(response, response.context["form"])


def test_public_forms_show_fields_in_their_order(client):
    offer = make_offer(company=make_company())
    Question.objects.create(offer=offer, text="Pourquoi\u00a0?")
    paths = [
        reverse("applications:apply", args=[offer.pk, offer.slug]),
        reverse("moderation:report", args=[offer.pk, offer.slug]),
        reverse("contact:form"),
        reverse("alerts:new"),
        reverse("account_signup"),
        reverse("account_login"),
    ]
    for path in paths:
        response = client.get(path)
        assert_fields_in_order(response, response.context["form"])
