"""Posting an offer: the steps, what is wrong with each, two who write at once, the check, and what comes after."""

import pytest
from django.urls import reverse

from careers.models import SalaryBand
from offers.companies.enums import MemberRole
from offers.enums import Contract, EmployerKind, OfferStatus, RevisionStatus
from offers.models import Offer
from offers.posting.drafts import guidance, suggest_skills
from offers.posting.duplicates import find_duplicates
from tests.factories import (
    LYON,
    PARIS,
    make_company,
    make_member,
    make_offer,
    make_place,
    make_role,
    make_skill,
    make_user,
)

pytestmark = pytest.mark.django_db
TEXT = "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la production. " * 4
DRAFT = {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None}


@pytest.fixture
def company(db):
    return make_company(name="Ateliers")


@pytest.fixture
def anne(client, company):
    member = make_member(company, make_user(email="anne@example.org"))
    client.force_login(member.user)
    return member.user


def url(name, *args):
    return reverse(f"posting:{name}", args=args)


def at(offer, slug):
    return url("step", offer.pk, slug)


def make_draft(company, **fields):
    values = {"title": "Développeur Java", "description": TEXT, "pay_min": 45_000, "pay_max": 55_000, **DRAFT}
    return make_offer(company=company, **{**values, **fields})


def sent(response, **changes):
    """What a browser would send from the step as it stands, with some fields changed."""
    form = response.context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def send(client, address, **changes):
    return client.post(address, sent(client.get(address), **changes))


def wrong(response):
    return {name: " ".join(found) for name, found in response.context["form"].errors.items()}


# From nothing to the moderators


def test_an_offer_is_written_in_steps_and_handed_in(client, anne, company):
    role = make_role(name="Développeur Java", skills="Java, Spring Boot et PostgreSQL, avec goût.")
    java, spring = make_skill("Java"), make_skill("Spring Boot")
    make_skill("Kotlin", aliases=["KT"])
    make_place()

    first = client.get(url("new"))
    assert "company" in first.context["form"].fields
    response = client.post(
        url("new"), sent(first, title="Développeur Java (H/F)", role=role.pk, contract="cdi", experience="confirme")
    )
    assert response.status_code == 302, wrong(response)
    offer = Offer.objects.get()
    assert response.url == at(offer, "conditions")
    assert (offer.title, offer.status, offer.company, offer.place) == ("Développeur Java", "draft", company, None)

    response = send(client, at(offer, "conditions"), place="69001", remote="2", pay_min="45", pay_max="55 k€")
    assert response.url == at(offer, "annonce")
    offer.refresh_from_db()
    assert (str(offer.place), offer.remote_days, offer.pay_min, offer.pay_max) == ("Lyon (69)", 2, 45_000, 55_000)

    page = client.get(at(offer, "annonce"))
    assert page.context["form"]["chosen"].value() == [java.slug, spring.slug]
    response = client.post(
        at(offer, "annonce"),
        sent(page, highlights="Un\r\nDeux", description=TEXT, chosen=[java.slug], others="kt"),
    )
    assert response.url == at(offer, "candidatures")
    assert sorted(skill.name for skill in offer.skills.all()) == ["Java", "Kotlin"]

    response = send(
        client,
        at(offer, "candidatures"),
        application_channel="ici",
        question_2="Pourquoi nous\u00a0?",
        required_2="on",
        question_1="",
    )
    assert response.url == at(offer, "verification")
    assert [(each.position, each.text, each.required) for each in offer.questions.all()] == [
        (1, "Pourquoi nous\u00a0?", True)
    ]

    page = client.get(at(offer, "verification"))
    assert page.context["errors"] == []
    response = client.post(url("submit", offer.pk), {"version": page.context["version"]})
    assert response.url == url("manage", offer.pk)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED
    event = offer.events.get()
    assert (event.verb, event.by, event.requested_by) == ("submit", anne, anne)
    html = client.get(response.url).content.decode()
    assert "relit l’offre" in html
    assert "Reprendre en brouillon" in html


def test_a_trusted_company_is_in_view_at_once(client, anne, company):
    company.trusted = True
    company.save()
    offer = make_draft(company)
    page = client.get(at(offer, "verification"))
    assert "Publier l’offre" in page.content.decode()
    client.post(url("submit", offer.pk), {"version": page.context["version"]})
    assert Offer.objects.published().get() == offer


def test_what_is_left_is_found_on_the_dashboard(client, anne, company):
    offer = make_draft(company)
    response = send(client, at(offer, "poste"), title="Développeuse Java", **{"plus-tard": "1"})
    assert response.url == reverse("posting:dashboard")
    html = client.get(response.url).content.decode()
    assert "Développeuse Java" in html
    assert url("manage", offer.pk) in html
    assert at(offer, "poste") in client.get(url("manage", offer.pk)).content.decode()


def test_who_works_for_no_company_makes_one_first(client):
    client.force_login(make_member(user=make_user(email="x@example.org")).user)
    alone = make_user(email="alone@example.org")
    alone.memberships.all().delete()
    client.force_login(alone)
    assert client.get(url("new")).url == reverse("companies:new")


def test_who_works_for_two_says_for_which(client, anne, company):
    second, foreign = make_company(), make_company()
    make_member(second, anne, MemberRole.RECRUITER)
    data = {"title": "CTO", "contract": "cdi"}
    assert "company" in wrong(client.post(url("new"), data))
    assert "company" in wrong(client.post(url("new"), {**data, "company": foreign.pk}))
    client.post(url("new"), {**data, "company": second.pk})
    assert Offer.objects.get().company == second


# What is wrong


@pytest.mark.parametrize(
    ("slug", "changes", "field", "said"),
    [
        ("poste", {"title": ""}, "title", "obligatoire"),
        ("poste", {"title": "x" * 121}, "title", "120"),
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
def test_errors_stand_beside_their_field_and_keep_what_was_typed(client, anne, company, slug, changes, field, said):
    make_skill("Java")
    make_offer(company=company, external_reference="PRISE")
    offer = make_draft(company)
    before = Offer.objects.values().get(pk=offer.pk)
    response = send(client, at(offer, slug), **changes)
    assert response.status_code == 200
    assert list(wrong(response)) == [field]
    assert said in wrong(response)[field]
    form = response.context["form"]
    for name, value in changes.items():
        assert form[name].value() == value or name in ("confidential",)
    assert Offer.objects.values().get(pk=offer.pk) == before


def test_a_temp_agency_is_named(client, anne, company):
    company.kind = EmployerKind.TEMP_AGENCY
    company.save()
    response = send(client, at(make_draft(company), "candidatures"), confidential="on", application_channel="ici")
    assert "L5332-3" in wrong(response)["confidential"]


def test_at_home_for_good_there_is_no_place(client, anne, company):
    offer = make_draft(company)
    send(client, at(offer, "conditions"), place="", remote="100")
    offer.refresh_from_db()
    assert (offer.place, offer.fully_remote, offer.remote_days) == (None, True, 5)
    send(client, at(offer, "conditions"), remote="")
    offer.refresh_from_db()
    assert (offer.fully_remote, offer.remote_days) == (False, None)
    assert "Pas de commune" in client.get(at(offer, "verification")).content.decode()


def test_pay_by_the_year_is_forgotten_where_it_is_by_the_day(client, anne, company):
    offer = make_draft(company)
    response = send(client, at(offer, "poste"), contract="freelance")
    offer.refresh_from_db()
    assert (offer.contract, offer.pay_min, offer.pay_max) == (Contract.FREELANCE, None, None)
    assert "Indiquez à nouveau la rémunération" in client.get(response.url).content.decode()
    send(client, at(offer, "conditions"), pay_min="450", pay_max="550")
    offer.refresh_from_db()
    assert (offer.pay_min, offer.pay_max) == (450, 550)


# Two at once


def test_two_tabs_on_one_step_lose_nothing(client, anne, company):
    offer = make_draft(company)
    first, second = client.get(at(offer, "poste")), client.get(at(offer, "poste"))
    client.post(at(offer, "poste"), sent(first, title="Développeur Kotlin"))
    response = client.post(at(offer, "poste"), sent(second, title="Développeur Scala"))
    offer.refresh_from_db()
    assert offer.title == "Développeur Kotlin"
    html = response.content.decode()
    assert "entre-temps" in html
    assert "Développeur Kotlin" in html
    assert 'value="Développeur Scala"' in html
    # Having read it, one may insist.
    assert client.post(at(offer, "poste"), sent(response)).status_code == 302
    offer.refresh_from_db()
    assert offer.title == "Développeur Scala"


def test_two_colleagues_on_two_steps_do_not_meet(client, anne, company):
    offer = make_draft(company)
    first, second = client.get(at(offer, "poste")), client.get(at(offer, "annonce"))
    client.post(at(offer, "poste"), sent(first, title="Développeur Kotlin"))
    assert client.post(at(offer, "annonce"), sent(second, highlights="Un produit à nous")).status_code == 302
    offer.refresh_from_db()
    assert (offer.title, offer.highlights) == ("Développeur Kotlin", "Un produit à nous")


@pytest.mark.parametrize("slug", ["poste", "conditions", "annonce", "candidatures"])
def test_the_same_sent_twice_is_saved_once(client, anne, company, slug):
    offer = make_draft(company)
    data = sent(client.get(at(offer, slug)), title="Autre", remote="3", highlights="Un", question_1="Pourquoi\u00a0?")
    for _ in range(2):
        assert client.post(at(offer, slug), data).status_code == 302


def test_what_changed_since_the_check_is_checked_again(client, anne, company):
    offer = make_draft(company)
    version = client.get(at(offer, "verification")).context["version"]
    send(client, at(offer, "poste"), title="Autre chose")
    assert client.post(url("submit", offer.pk), {"version": version}).url == at(offer, "verification")
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


# The check


def test_errors_keep_an_offer_from_being_handed_in_and_warnings_do_not(client, anne, company, settings):
    offer = make_draft(company, pay_min=None, pay_max=None, title="Développeur Java !")
    page = client.get(at(offer, "verification"))
    assert [finding.category for finding, _ in page.context["errors"]] == ["pay"]
    assert [finding.category for finding, _ in page.context["warnings"]] == ["title"]
    assert [link for _, link in page.context["errors"]] == [at(offer, "conditions")]
    response = client.post(url("submit", offer.pk), {"version": page.context["version"]})
    assert response.status_code == 422
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT
    settings.PAY_REQUIRED = False
    client.post(url("submit", offer.pk), {"version": page.context["version"]})
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED


def test_likely_duplicates_are_shown_and_hinder_nothing(client, anne, company, django_assert_num_queries):
    offer = make_draft(company)
    near = make_offer(company=company, title="Développeur Java senior (H/F)")
    copied = make_offer(company=company, title="Tout autre titre", description=TEXT)
    make_offer(company=company, title="Architecte réseau")
    make_offer(company=company, title="Développeur Java", place=make_place(**PARIS))
    make_offer(title="Développeur Java", description=TEXT)
    make_offer(company=company, title="Développeur Java", contract=Contract.INTERNSHIP)
    for _ in range(10):
        make_offer(company=company, title="Développeur Java", status=OfferStatus.WITHDRAWN, closed_at=offer.created_at)
    with django_assert_num_queries(1):
        assert {duplicate.offer for duplicate in find_duplicates(offer)} == {near, copied}
    page = client.get(at(offer, "verification"))
    assert page.context["errors"] == []
    assert "presque le même texte" in page.content.decode()


def test_the_preview_is_the_page_that_candidates_will_see(client, anne, company):
    offer = make_draft(company, description="## Le contexte\n\nUn **produit** à nous.", skills=[make_skill("Java")])
    html = client.get(url("preview", offer.pk)).content.decode()
    assert "<strong>produit</strong>" in html
    assert "Aperçu" in html
    assert 'content="noindex"' in html


def test_the_text_is_seen_before_it_is_saved(client, anne, company):
    offer = make_draft(company)
    data = sent(client.get(at(offer, "annonce")), description="Un **essai** <script>", apercu="1")
    html = client.post(at(offer, "annonce"), data).content.decode()
    assert "<strong>essai</strong> &lt;script&gt;" in html
    assert "Enregistrer et continuer" in html
    part = client.post(at(offer, "annonce"), data, headers={"HX-Request": "true", "HX-Target": "apercu"})
    assert part.content.decode().lstrip().startswith('<div id="apercu"')
    offer.refresh_from_db()
    assert offer.description == TEXT


# What helps to write


@pytest.fixture
def graded(db):
    role = make_role(name="Développeur")
    for zone, low, high in (("paris", 55, 65), ("grandes-villes", 45, 55), ("regions", 40, 48)):
        SalaryBand.objects.create(
            role=role, level="confirme", zone=zone, minimum=low, maximum=high, source="Rédaction", year=2026
        )
    return role


def test_pay_is_shown_beside_the_grid_of_the_role(client, anne, company, graded):
    offer = make_draft(company, role=graded, experience="confirme", place=make_place(**LYON))
    page = client.get(at(offer, "conditions"))
    assert "Cette offre se situe dans la fourchette." in page.content.decode()
    # As it is typed, by htmx or by the button.
    data = sent(page, pay_min="30", pay_max="35", apercu="1")
    part = client.post(at(offer, "conditions"), data, headers={"HX-Request": "true", "HX-Target": "reperes"})
    assert "au-dessous de la fourchette" in part.content.decode()
    offer.refresh_from_db()
    assert offer.pay_min == 45_000


def test_without_a_place_or_pay_the_grid_is_shown_for_all_zones(graded, company):
    offer = make_draft(company, role=graded, experience="confirme", pay_min=None, pay_max=None)
    offer.place = None
    assert [(bar.label, here) for bar, here in guidance(offer).bars] == [
        ("Paris", True),
        ("Grandes villes", True),
        ("Régions", True),
    ]
    assert guidance(make_draft(company, role=graded, experience="debutant")) is None
    assert (
        guidance(
            make_draft(
                company, role=graded, experience="confirme", contract=Contract.FREELANCE, pay_min=None, pay_max=None
            )
        )
        is None
    )
    assert guidance(make_draft(company)) is None


def test_skills_are_those_of_the_profile_then_those_of_its_offers(django_assert_max_num_queries):
    role = make_role(skills="De Java à Spring, et go.")
    java, spring, go, docker = (make_skill(name) for name in ("Java", "Spring", "Go", "Docker"))
    for _ in range(3):
        make_offer(role=role, skills=[docker, java])
    with django_assert_max_num_queries(6):
        assert suggest_skills(role) == [java, spring, docker]
    assert go not in suggest_skills(role)


def test_suggestions_of_skills_and_towns(client, anne):
    make_skill("JavaScript", aliases=["JS"])
    make_place()
    found = client.get(reverse("posting:skills"), {"q": "js"}).json()["results"]
    assert [one["value"] for one in found] == ["JavaScript"]
    assert client.get(reverse("posting:skills"), {"q": " "}).json() == {"results": []}
    places = client.get(reverse("places:suggest"), {"q": "rh", "seulement": "communes"}).json()["results"]
    assert places == []
    assert client.get(reverse("places:suggest"), {"q": "rh"}).json()["results"]


# Afterwards


def test_a_returned_offer_says_why_and_is_sent_again(client, anne, company):
    offer = make_draft(company)
    offer.submit(anne)
    moderator = make_user(is_staff=True, is_superuser=True)
    offer.return_(moderator, "Précisez les missions.")
    for page in (at(offer, "poste"), at(offer, "verification"), url("manage", offer.pk)):
        assert "Précisez les missions." in client.get(page).content.decode()
    page = client.get(at(offer, "verification"))
    client.post(url("submit", offer.pk), {"version": page.context["version"]})
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED


def whole(client, offer, **changes):
    page = client.get(url("edit", offer.pk))
    data = {"version_offre": page.context["version"]}
    for form in page.context["forms"]:
        data |= {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    return client.post(url("edit", offer.pk), {**data, **changes})


def test_a_change_of_what_is_in_view_waits_to_be_read(client, anne, company):
    java = make_skill("Java")
    offer = make_offer(company=company, title="Avant", description=TEXT, pay_min=45_000, pay_max=55_000)
    assert client.get(at(offer, "poste")).url == url("edit", offer.pk)
    response = whole(client, offer, title="Après", others="java", external_reference="R-7")
    assert response.url == url("manage", offer.pk)
    offer.refresh_from_db()
    assert (offer.title, offer.external_reference, offer.skills.count()) == ("Avant", "R-7", 0)
    assert sorted(offer.revisions.get(status=RevisionStatus.WAITING).changes) == ["skills", "title"]
    assert "attend une relecture" in client.get(response.url).content.decode()
    # Who goes on goes on from there.
    page = client.get(url("edit", offer.pk))
    assert page.context["forms"][0]["title"].value() == "Après"
    assert page.context["forms"][2]["chosen"].value() == [java.slug]


def test_a_trusted_company_changes_at_once(client, anne, company):
    company.trusted = True
    company.save()
    offer = make_offer(company=company, title="Avant", description=TEXT, pay_min=45_000, pay_max=55_000)
    whole(client, offer, title="Après")
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Après", OfferStatus.PUBLISHED)


def test_a_change_is_checked_too_and_keeps_what_was_typed(client, anne, company):
    offer = make_offer(company=company, title="Avant", description=TEXT, pay_min=45_000, pay_max=55_000)
    response = whole(client, offer, title="DÉVELOPPEUR CONFIRMÉ")
    assert response.status_code == 200
    assert "Intitulé en capitales" in response.content.decode()
    assert 'value="DÉVELOPPEUR CONFIRMÉ"' in response.content.decode()
    response = whole(client, offer, place="Nulle-Part", title="")
    assert {"place"} == set(response.context["forms"][1].errors)
    assert {"title"} == set(response.context["forms"][0].errors)
    assert not offer.revisions.exists()


def test_a_change_of_what_has_changed_is_told(client, anne, company):
    offer = make_offer(company=company, title="Avant", description=TEXT, pay_min=45_000, pay_max=55_000)
    page = client.get(url("edit", offer.pk))
    offer.renew(anne)
    response = whole(client, offer, title="Après", version_offre=page.context["version"])
    assert "entre-temps" in response.content.decode()
    assert not offer.revisions.exists()
    assert whole(client, offer, title="Après", version_offre=response.context["version"]).status_code == 302


def test_a_copy_is_a_draft_with_all_it_says(client, anne, company):
    offer = make_offer(
        company=company, skills=[make_skill("Java")], external_reference="R-7", pay_min=40_000, pay_max=50_000
    )
    offer.questions.create(position=1, text="Pourquoi\u00a0?", required=True)
    response = client.post(url("duplicate", offer.pk))
    made = Offer.objects.exclude(pk=offer.pk).get()
    assert response.url == at(made, "poste")
    assert (made.title, made.status, made.external_reference, made.published_at) == (offer.title, "draft", "", None)
    assert [skill.name for skill in made.skills.all()] == ["Java"]
    assert made.questions.get().required


def test_one_click_marks_filled_and_a_question_comes_before_withdrawing(client, anne, company):
    filled, withdrawn, renewed = (make_offer(company=company) for _ in range(3))
    before = renewed.expires_at
    assert client.get(url("fill", filled.pk)).status_code == 405
    client.post(url("fill", filled.pk))
    assert "Retirer cette offre" in client.get(url("withdraw", withdrawn.pk)).content.decode()
    client.post(url("withdraw", withdrawn.pk))
    client.post(url("renew", renewed.pk))
    for offer in (filled, withdrawn, renewed):
        offer.refresh_from_db()
    assert (filled.status, withdrawn.status, renewed.status) == (
        OfferStatus.FILLED,
        OfferStatus.WITHDRAWN,
        OfferStatus.PUBLISHED,
    )
    assert renewed.expires_at > before
    # What is over can be taken up again; what cannot be done is told.
    assert client.post(url("reopen", filled.pk)).url == at(filled, "poste")
    response = client.post(url("fill", withdrawn.pk), follow=True)
    assert "ne peut pas passer" in response.content.decode()
    assert client.get(url("withdraw", withdrawn.pk)).url == url("manage", withdrawn.pk)
    assert client.get(at(withdrawn, "poste")).url == url("manage", withdrawn.pk)


def test_a_draft_without_a_place_can_be_given_up_and_not_published(anne, company):
    offer = Offer.objects.create(title="CTO", contract="cdi", company=company)
    offer.withdraw(anne)
    offer.reopen(anne)
    assert offer.status == OfferStatus.DRAFT


def test_another_company_opens_none_of_it(client, anne, company):
    foreign = make_draft(make_company())
    names = ("manage", "preview", "submit", "edit", "duplicate", "fill", "renew", "reopen", "withdraw")
    for address in (*(url(name, foreign.pk) for name in names), at(foreign, "poste"), at(foreign, "verification")):
        assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}
        assert 404 in {client.get(address).status_code, client.post(address).status_code}
    assert Offer.objects.get() == foreign


@pytest.mark.parametrize("slug", ["poste", "conditions", "annonce", "candidatures"])
def test_nonsense_is_refused_without_an_error_page(client, anne, company, slug):
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
        assert client.post(at(offer, slug), dict.fromkeys(names, value)).status_code in {200, 302}
    assert client.get(at(offer, "autre-part")).status_code == 404


@pytest.mark.parametrize(
    ("slug", "number"), [("poste", 8), ("conditions", 8), ("annonce", 14), ("candidatures", 7), ("verification", 9)]
)
def test_queries_of_each_step(client, anne, company, slug, number, django_assert_max_num_queries):
    offer = make_draft(company, role=make_role(), experience="confirme", skills=[make_skill() for _ in range(5)])
    for _ in range(5):
        make_offer(company=company, role=offer.role, skills=[make_skill()])
    with django_assert_max_num_queries(number):
        client.get(at(offer, slug))
