"""The steps of the wizard: from a new offer to its submission, and errors in each step."""

import pytest
from django.urls import reverse

from offers.companies.enums import MemberRole
from offers.enums import Contract, EmployerKind, OfferStatus
from offers.models import Offer
from tests.factories import make_company, make_member, make_offer, make_place, make_role, make_skill, make_user
from tests.posting.forms import DESCRIPTION, form_errors, make_draft, post_step, step_data, step_url, url

pytestmark = pytest.mark.django_db


def test_offer_is_written_in_steps_and_submitted(client, member, company):
    role = make_role(name="Développeur Java", skills="Java, Spring Boot et PostgreSQL, avec goût.")
    java, spring = make_skill("Java"), make_skill("Spring Boot")
    make_skill("Kotlin", aliases=["KT"])
    make_place()

    page = client.get(url("new"))
    assert "company" in page.context["form"].fields
    response = client.post(
        url("new"), step_data(page, title="Développeur Java (H/F)", role=role.pk, contract="cdi", experience="confirme")
    )
    assert response.status_code == 302, form_errors(response)
    offer = Offer.objects.get()
    assert response.url == step_url(offer, "conditions")
    assert (offer.title, offer.status, offer.company, offer.place) == ("Développeur Java", "draft", company, None)

    response = post_step(
        client, step_url(offer, "conditions"), place="69001", remote="2", pay_min="45", pay_max="55 k€"
    )
    assert response.url == step_url(offer, "annonce")
    offer.refresh_from_db()
    assert (str(offer.place), offer.remote_days, offer.pay_min, offer.pay_max) == ("Lyon (69)", 2, 45_000, 55_000)

    page = client.get(step_url(offer, "annonce"))
    assert page.context["form"]["chosen"].value() == [java.slug, spring.slug]
    response = client.post(
        step_url(offer, "annonce"),
        step_data(page, highlights="Un\r\nDeux", description=DESCRIPTION, chosen=[java.slug], others="kt"),
    )
    assert response.url == step_url(offer, "candidatures")
    assert sorted(skill.name for skill in offer.skills.all()) == ["Java", "Kotlin"]

    response = post_step(
        client,
        step_url(offer, "candidatures"),
        application_channel="ici",
        question_2="Pourquoi nous\u00a0?",
        required_2="on",
        question_1="",
    )
    assert response.url == step_url(offer, "verification")
    assert [(each.position, each.text, each.required) for each in offer.questions.all()] == [
        (1, "Pourquoi nous\u00a0?", True)
    ]

    page = client.get(step_url(offer, "verification"))
    assert page.context["errors"] == []
    response = client.post(url("submit", offer.pk), {"version": page.context["version"]})
    assert response.url == url("manage", offer.pk)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED
    event = offer.events.get()
    assert (event.verb, event.by, event.requested_by) == ("submit", member, member)
    html = client.get(response.url).content.decode()
    assert "relit l’offre" in html
    assert "Reprendre en brouillon" in html


def test_offer_of_a_trusted_company_is_published_without_review(client, member, company):
    company.trusted = True
    company.save()
    offer = make_draft(company)
    page = client.get(step_url(offer, "verification"))
    assert "Publier l’offre" in page.content.decode()
    client.post(url("submit", offer.pk), {"version": page.context["version"]})
    assert Offer.objects.published().get() == offer


def test_unfinished_draft_is_on_the_dashboard(client, member, company):
    offer = make_draft(company)
    response = post_step(client, step_url(offer, "poste"), title="Développeuse Java", **{"plus-tard": "1"})
    assert response.url == reverse("posting:dashboard")
    html = client.get(response.url).content.decode()
    assert "Développeuse Java" in html
    assert url("manage", offer.pk) in html
    assert step_url(offer, "poste") in client.get(url("manage", offer.pk)).content.decode()


def test_user_without_company_is_redirected_to_create_one(client):
    client.force_login(make_user(email="alone@example.org"))
    assert client.get(url("new")).url == reverse("posting:company_new")


def test_member_of_two_companies_must_choose_one(client, member, company):
    second, foreign = make_company(), make_company()
    make_member(second, member, MemberRole.RECRUITER)
    data = {"title": "CTO", "contract": "cdi"}
    assert "company" in form_errors(client.post(url("new"), data))
    assert "company" in form_errors(client.post(url("new"), {**data, "company": foreign.pk}))
    client.post(url("new"), {**data, "company": second.pk})
    assert Offer.objects.get().company == second


@pytest.mark.parametrize(
    ("slug", "changes", "field", "message"),
    [
        ("poste", {"title": ""}, "title", "obligatoire"),
        ("poste", {"title": "x" * 121}, "title", "120"),
        ("poste", {"title": "H/F"}, "title", "Nommez le métier"),
        ("poste", {"contract": "esclavage"}, "contract", "esclavage"),
        ("poste", {"role": "999999"}, "role", "choix"),
        ("conditions", {"place": "Nulle-Part"}, "place", "n’est pas dans nos communes"),
        ("conditions", {"place": "Bretagne"}, "place", "n’est pas une commune"),
        ("conditions", {"pay_min": "beaucoup"}, "pay_min", "montant en euros"),
        ("conditions", {"pay_min": "900000"}, "pay_min", "entre"),
        ("conditions", {"pay_min": "60000"}, "pay_max", "plus petit que le bas"),
        ("conditions", {"pay_max": ""}, "pay_max", "haut de la fourchette"),
        ("conditions", {"pay_min": ""}, "pay_min", "bas de la fourchette"),
        ("conditions", {"remote": "9"}, "remote", "choix"),
        ("annonce", {"highlights": "\r\n".join("abcdefg")}, "highlights", "Six points forts"),
        ("annonce", {"description": "x" * 20_001}, "description", "20"),
        ("annonce", {"others": "Javaa"}, "others", "Peut-être\u00a0: Java."),
        ("annonce", {"chosen": ["rien"]}, "chosen", "choix"),
        ("candidatures", {"application_channel": "ailleurs"}, "apply_url", "Donnez l’adresse"),
        ("candidatures", {"application_channel": "ailleurs", "apply_url": "http://exemple.fr"}, "apply_url", "https"),
        (
            "candidatures",
            {"application_channel": "ailleurs", "apply_url": "rh@exemple.fr"},
            "apply_url",
            "Choisissez «\u00a0Ici\u00a0»",
        ),
        (
            "candidatures",
            {"application_channel": "ailleurs", "apply_url": "https://evil.example\\@www.linkedin.com/"},
            "apply_url",
            "caractère qui n’y a pas sa place",
        ),
        (
            "candidatures",
            {"application_channel": "ailleurs", "apply_url": "https://exemple.fr/" + "x" * 2_000},
            "apply_url",
            "2\u00a0000 au plus",
        ),
        ("candidatures", {"application_channel": "pigeon"}, "application_channel", "choix"),
        (
            "candidatures",
            {"application_channel": "ailleurs", "apply_url": "https://exemple.fr", "confidential": "on"},
            "apply_url",
            "dévoilerait",
        ),
        ("candidatures", {"external_reference": "PRISE"}, "__all__", "déjà une offre sous cette référence"),
        ("candidatures", {"question_1": "x" * 201}, "question_1", "200"),
    ],
)
def test_invalid_value_is_a_field_error_and_is_redisplayed(client, member, company, slug, changes, field, message):
    make_skill("Java")
    make_offer(company=company, external_reference="PRISE")
    offer = make_draft(company)
    stored = Offer.objects.values().get(pk=offer.pk)
    response = post_step(client, step_url(offer, slug), **changes)
    assert response.status_code == 200
    assert list(form_errors(response)) == [field]
    assert message in form_errors(response)[field]
    form = response.context["form"]
    for name, value in changes.items():
        assert form[name].value() == value or name in ("confidential",)
    assert Offer.objects.values().get(pk=offer.pk) == stored


def test_long_url_with_tracking_is_stored_and_not_cut_by_the_browser(client, member, company):
    offer = make_draft(company)
    url = "https://exemple.wd3.myworkdayjobs.com/fr-FR/Carrieres/job/Lyon/JR-1/apply?".ljust(2_000, "a")
    page = client.get(step_url(offer, "candidatures"))
    assert "maxlength" not in str(page.context["form"]["apply_url"])
    post_step(client, step_url(offer, "candidatures"), application_channel="ailleurs", apply_url=url)
    offer.refresh_from_db()
    assert offer.apply_url == url


def test_temp_agency_cannot_be_confidential(client, member, company):
    company.kind = EmployerKind.TEMP_AGENCY
    company.save()
    response = post_step(
        client, step_url(make_draft(company), "candidatures"), confidential="on", application_channel="ici"
    )
    assert "L5332-3" in form_errors(response)["confidential"]


def test_fully_remote_offer_has_no_place(client, member, company):
    offer = make_draft(company)
    post_step(client, step_url(offer, "conditions"), place="", remote="100")
    offer.refresh_from_db()
    assert (offer.place, offer.fully_remote, offer.remote_days) == (None, True, 5)
    post_step(client, step_url(offer, "conditions"), remote="")
    offer.refresh_from_db()
    assert (offer.fully_remote, offer.remote_days) == (False, None)
    assert "Pas de commune" in client.get(step_url(offer, "verification")).content.decode()


def test_pay_is_cleared_when_its_period_changes_to_the_day(client, member, company):
    offer = make_draft(company)
    response = post_step(client, step_url(offer, "poste"), contract="freelance")
    offer.refresh_from_db()
    assert (offer.contract, offer.pay_min, offer.pay_max) == (Contract.FREELANCE, None, None)
    assert "Indiquez à nouveau la rémunération" in client.get(response.url).content.decode()
    post_step(client, step_url(offer, "conditions"), pay_min="450", pay_max="550")
    offer.refresh_from_db()
    assert (offer.pay_min, offer.pay_max) == (450, 550)


@pytest.mark.parametrize("slug", ["poste", "conditions", "annonce", "candidatures"])
def test_malformed_values_never_cause_a_server_error(client, member, company, slug):
    offer = make_draft(company)
    for value in ("", "x" * 30_000, "'\"<>&", "-1", "🎉"):
        names = ["title", "role", "contract", "experience", "place", "remote", "pay_min", "pay_max", "highlights"]
        names += [
            "description",
            "chosen",
            "others",
            "application_channel",
            "apply_url",
            "external_reference",
            "version",
            "question_1",
        ]
        assert client.post(step_url(offer, slug), dict.fromkeys(names, value)).status_code in {200, 302}
    assert client.get(step_url(offer, "autre-part")).status_code == 404


@pytest.mark.parametrize(
    ("slug", "max_queries"),
    [("poste", 8), ("conditions", 8), ("annonce", 14), ("candidatures", 7), ("verification", 9)],
)
def test_each_step_takes_few_queries(client, member, company, slug, max_queries, django_assert_max_num_queries):
    offer = make_draft(company, role=make_role(), experience="confirme", skills=[make_skill() for _ in range(5)])
    for _ in range(5):
        make_offer(company=company, role=offer.role, skills=[make_skill()])
    with django_assert_max_num_queries(max_queries):
        client.get(step_url(offer, slug))
