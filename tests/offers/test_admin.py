from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from offers.admin.offer import OfferAdmin
from offers.companies.models import Company, Membership
from offers.enums import Contract, OfferStatus
from offers.models import Offer, Skill, SkillAlias
from tests.admin.posting import errors, filled, told
from tests.factories import (
    PARIS,
    make_company,
    make_offer,
    make_place,
    make_role,
    make_skill,
    make_user,
)

LIST = reverse("admin:offers_offer_changelist")
ADD = reverse("admin:offers_offer_add")


@pytest.fixture
def curator(client, db):
    user = make_user(email="curatrice@example.org", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def change(obj):
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def shown(response) -> set:
    return set(response.context["cl"].result_list)


def run(client, action, *offers):
    data = {"action": action, "_selected_action": [offer.pk for offer in offers]}
    return client.post(LIST, data, follow=True)


# The list


def test_list_says_what_a_curator_needs(client, curator):
    make_offer(title="Développeuse Python", company=make_company(name="Ateliers"), pay_min=45_000, pay_max=55_000)
    make_offer(title="CTO", confidential=True, employer_descriptor="Éditeur pour les communes")
    page = client.get(LIST).content.decode()
    assert "45\u00a0–\u00a055\u00a0K€" in page
    assert "Ateliers" in page
    assert "Lyon (69)" in page
    assert "entreprise non enregistrée" in page
    assert "confidentiel\u00a0: Éditeur pour les communes" in page
    assert '<span class="badge published">publiée</span>' in page


def test_list_of_an_expired_offer_says_so(client, curator):
    now = timezone.now()
    make_offer(published_at=now - timedelta(days=70), expires_at=now - timedelta(days=10))
    assert '<span class="badge warn">expirée</span>' in client.get(LIST).content.decode()


@pytest.mark.parametrize("number", [1, 100])
def test_list_costs_the_same_for_one_offer_and_for_a_hundred(client, curator, number, django_assert_num_queries):
    role, skill = make_role(), make_skill()
    for _ in range(number):
        make_offer(role=role, skills=[skill])
    with django_assert_num_queries(8):
        assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("suivi=en-ligne", {"simple", "soon", "unknown", "paris"}),
        ("suivi=expire-bientot", {"soon"}),
        ("suivi=expiree", {"expired"}),
        ("suivi=sans-entreprise", {"unknown"}),
        ("suivi=sans-remuneration", {"soon", "expired", "unknown", "paris", "draft"}),
        ("suivi=autre-chose", {"simple", "soon", "expired", "unknown", "paris", "draft"}),
        ("status__exact=draft", {"draft"}),
        ("contract__exact=freelance", {"paris"}),
        ("confidential__exact=1", {"unknown"}),
        ("place__region__exact=11", {"paris"}),
        ("q=ateliers", {"simple"}),
    ],
)
def test_filters(client, curator, query, expected):
    now = timezone.now()
    make_offer(title="simple", company=make_company(name="Ateliers"), pay_min=40_000, pay_max=45_000)
    make_offer(title="soon", expires_at=now + timedelta(days=3))
    make_offer(title="expired", age=timedelta(days=9), expires_at=now - timedelta(days=1))
    make_offer(title="unknown", confidential=True)
    make_offer(title="paris", contract=Contract.FREELANCE, place=make_place(**PARIS))
    make_offer(title="draft", status=OfferStatus.DRAFT)
    response = client.get(f"{LIST}?{query}", follow=True)
    assert {offer.title for offer in shown(response)} == expected


def test_filter_by_role_offers_only_roles_in_use(client, curator):
    used, unused = make_role(name="CTO"), make_role(name="Jamais demandé")
    offer = make_offer(role=used)
    make_offer()
    page = client.get(f"{LIST}?role__id__exact={used.pk}")
    assert shown(page) == {offer}
    assert unused.name not in page.content.decode()


# Status


def test_actions_ask_the_transition_table_and_name_each_refusal(client, curator):
    draft, live = make_offer(title="Brouillon", status=OfferStatus.DRAFT), make_offer(title="En ligne")
    filled_one = make_offer(title="Déjà pourvue", status=OfferStatus.FILLED, closed_at=timezone.now())
    messages = told(run(client, "fill_offers", draft, live, filled_one))
    assert "1\u00a0offre marquée pourvue." in messages
    assert any(message.startswith("«\u00a0Brouillon\u00a0» ne peut pas passer") for message in messages)
    assert any(message.startswith("«\u00a0Déjà pourvue\u00a0» ne peut pas passer") for message in messages)
    assert dict(Offer.objects.values_list("title", "status")) == {
        "Brouillon": OfferStatus.DRAFT,
        "En ligne": OfferStatus.FILLED,
        "Déjà pourvue": OfferStatus.FILLED,
    }


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("publish_offers", OfferStatus.PUBLISHED),
        ("fill_offers", OfferStatus.FILLED),
        ("withdraw_offers", OfferStatus.WITHDRAWN),
    ],
)
def test_actions_change_the_status_and_log_who_did_it(client, curator, action, status):
    before = OfferStatus.DRAFT if status == OfferStatus.PUBLISHED else OfferStatus.PUBLISHED
    offers = [make_offer(status=before), make_offer(status=before)]
    response = run(client, action, *offers)
    assert any(message.startswith("2\u00a0offres ") for message in told(response))
    assert set(Offer.objects.values_list("status", flat=True)) == {status}
    entries = LogEntry.objects.filter(user=curator, object_id__in=[str(offer.pk) for offer in offers])
    assert {entry.get_change_message() for entry in entries} == {f"État\u00a0: {before.label} → {status.label}."}
    assert len(entries) == 2


def test_actions_refuse_more_than_a_request_can_bear(client, curator, monkeypatch):
    monkeypatch.setattr("offers.admin.offer.BULK_LIMIT", 1)
    assert told(run(client, "withdraw_offers", make_offer(), make_offer())) == ["Pas plus de 1\u00a0offres à la fois."]
    assert Offer.objects.published().count() == 2


def test_buttons_are_those_that_the_status_allows(client, curator):
    draft, live = make_offer(status=OfferStatus.DRAFT), make_offer()
    closed = make_offer(status=OfferStatus.WITHDRAWN, closed_at=timezone.now())
    assert client.get(change(draft)).context["verbs"] == [
        ("_submit", "Soumettre"),
        ("_publish", "Publier"),
        ("_withdraw", "Retirer"),
    ]
    assert client.get(change(live)).context["reasoned_verbs"] == [
        ("_return_", "Renvoyer"),
        ("_remove", "Supprimer du site"),
    ]
    assert client.get(change(live)).context["verbs"] == [
        ("_renew", "Renouveler"),
        ("_fill", "Marquer pourvue"),
        ("_withdraw", "Retirer"),
    ]
    assert client.get(change(closed)).context["verbs"] == [
        ("_publish", "Publier"),
        ("_reopen", "Reprendre en brouillon"),
    ]
    assert client.get(ADD).context["verbs"] == [("_submit", "Soumettre"), ("_publish", "Publier")]


def test_publish_button_saves_then_publishes_and_stays(client, curator):
    offer = make_offer(status=OfferStatus.DRAFT)
    page = client.get(change(offer))
    response = client.post(change(offer), filled(page, title="Nouveau titre", _publish="Publier"), follow=True)
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Nouveau titre", OfferStatus.PUBLISHED)
    assert response.redirect_chain == [(change(offer), 302)]
    assert "«\u00a0Nouveau titre\u00a0» est enregistrée et publiée." in told(response)
    log = [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=str(offer.pk), user=curator)]
    assert "État\u00a0: brouillon → publiée." in log
    history = client.get(reverse("admin:offers_offer_history", args=[offer.pk])).content.decode()
    assert "État\u00a0: brouillon → publiée." in history


def test_refused_button_is_a_message(client, curator):
    """Somebody else has filled the offer since the page was shown."""
    offer = make_offer()
    data = filled(client.get(change(offer)), _fill="Marquer pourvue")
    offer.fill()
    response = client.post(change(offer), data, follow=True)
    assert response.status_code == 200
    assert any("ne peut pas passer à l’état «\u00a0pourvue\u00a0»" in message for message in told(response))


def test_new_offer_can_be_published_at_once(client, curator):
    data = filled(
        client.get(ADD),
        title="Développeur Go (H/F)",
        contract="cdi",
        company=make_company().pk,
        place=make_place().pk,
        _publish="Publier",
    )
    response = client.post(ADD, data)
    assert response.status_code == 302, errors(response)
    offer = Offer.objects.get()
    assert offer.title == "Développeur Go"
    assert offer.is_published()


def test_who_may_only_look_has_no_button_and_no_verb(client, db):
    viewer = make_user(is_staff=True)
    viewer.user_permissions.add(*permissions("view_offer"))
    client.force_login(viewer)
    offer = make_offer(status=OfferStatus.DRAFT)
    assert "verbs" not in client.get(change(offer)).context
    assert client.post(change(offer), {"_publish": "Publier"}).status_code == 403
    run(client, "publish_offers", offer)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def permissions(*codenames):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codenames)


def test_who_may_add_but_not_change_adds_a_draft(client, db):
    user = make_user(is_staff=True)
    user.user_permissions.add(*permissions("view_offer", "add_offer"))
    client.force_login(user)
    data = filled(
        client.get(ADD), title="X", contract="cdi", company=make_company().pk, place=make_place().pk, _publish="1"
    )
    client.post(ADD, data)
    assert Offer.objects.get().status == OfferStatus.DRAFT


def test_status_cannot_be_typed(client, curator):
    offer = make_offer(status=OfferStatus.DRAFT)
    client.post(change(offer), filled(client.get(change(offer)), status="published", closed_at="2026-01-01"))
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def test_saving_as_new_makes_a_draft_without_dates(client, curator):
    offer = make_offer(title="Original")
    data = filled(client.get(change(offer)), title="Copie", _saveasnew="1")
    assert client.post(change(offer), data).status_code == 302
    copy = Offer.objects.get(title="Copie")
    assert copy.status == OfferStatus.DRAFT
    assert (copy.published_at, copy.expires_at, copy.confirmed_at) == (None, None, None)
    offer.refresh_from_db()
    assert offer.title == "Original"


# What the database refuses, said by the form


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contract": "esclavage"}, "Sélectionnez un choix valide. esclavage n’en fait pas partie."),
        ({"pay_min": 50_000, "pay_max": 40_000}, "La rémunération se donne en fourchette"),
        ({"pay_min": 50_000, "pay_max": ""}, "La rémunération se donne en fourchette"),
        ({"pay_min": 0, "pay_max": 50_000}, "Montant peu plausible"),
        ({"pay_min": 45, "pay_max": 50}, "Montant peu plausible"),
        ({"pay_min": 10**30, "pay_max": 10**30}, "inférieure ou égale à"),
        ({"remote_days": 6}, "inférieure ou égale à 5"),
        ({"remote_days": 3, "fully_remote": "on"}, "100\u00a0% en télétravail compte cinq jours"),
        ({"place": ""}, "Une offre a une commune, sauf à 100\u00a0% en télétravail."),
        ({"company": ""}, "Une offre porte le nom d’une entreprise, sauf employeur confidentiel."),
        ({"expires_at_0": "01/01/2020"}, "Une offre publiée a une date de publication et expire après elle."),
        ({"expires_at_0": "", "expires_at_1": ""}, "Une offre publiée a une date de publication et expire après elle."),
        ({"apply_url": "http://example.org/"}, "Saisissez une URL valide."),
        ({"apply_url": "https://example.org/", "confidential": "on"}, "dévoilerait un employeur confidentiel"),
        ({"external_reference": "REF-1"}, "Cette entreprise a déjà une offre sous cette référence."),
        ({"highlights": "\n".join("abcdefg")}, "Six points forts au plus."),
        ({"title": ""}, "Ce champ est obligatoire."),
        ({"description": "x" * 20_001}, "20000"),
    ],
)
def test_each_constraint_is_an_error_of_the_form(client, curator, changes, message):
    company = make_company()
    make_offer(company=company, external_reference="REF-1")
    offer = make_offer(company=company)
    response = client.post(change(offer), filled(client.get(change(offer)), **changes))
    assert response.status_code == 200
    assert any(message in error for error in errors(response)), errors(response)
    assert "Corrigez" in response.content.decode() or "corriger" in response.content.decode()


@pytest.mark.parametrize("field", ["company", "place", "role", "skills"])
@pytest.mark.parametrize("value", ["%", "-1", "9" * 20, "²"])
def test_what_cannot_be_a_key_is_refused_in_words(client, curator, field, value):
    offer = make_offer()
    response = client.post(change(offer), filled(client.get(change(offer)), **{field: value}))
    assert response.status_code == 200
    assert any("choix" in error or "valeur" in error for error in errors(response)), errors(response)


def test_closed_offer_saves_although_its_dates_are_not_in_the_form(client, curator):
    for status in (OfferStatus.FILLED, OfferStatus.WITHDRAWN):
        offer = make_offer(status=status, closed_at=timezone.now())
        data = filled(client.get(change(offer)), title="Corrigé")
        assert client.post(change(offer), data).status_code == 302
        offer.refresh_from_db()
        assert (offer.title, offer.status) == ("Corrigé", status)


def test_fully_remote_means_five_days_when_none_are_given(client, curator):
    offer = make_offer()
    data = filled(client.get(change(offer)), fully_remote="on", remote_days="", place="")
    assert client.post(change(offer), data).status_code == 302
    offer.refresh_from_db()
    assert (offer.fully_remote, offer.remote_days, offer.place) == (True, 5, None)


def test_conflict_that_only_the_database_sees_is_a_message(client, curator, monkeypatch):
    offer = make_offer()

    def lose_the_race(*args):
        raise IntegrityError

    monkeypatch.setattr(OfferAdmin, "save_model", lose_the_race)
    response = client.post(change(offer), filled(client.get(change(offer))), follow=True)
    assert any(message.startswith("Rien n’a été enregistré") for message in told(response))


# What a curator should know


def test_publishing_without_a_company_on_record_warns(client, curator):
    offer = make_offer(confidential=True, status=OfferStatus.DRAFT)
    data = filled(client.get(change(offer)), _publish="1")
    assert any("L5332-2" in message for message in told(client.post(change(offer), data, follow=True)))
    other = make_offer(confidential=True, status=OfferStatus.DRAFT)
    assert any("L5332-2" in message for message in told(run(client, "publish_offers", other)))


def test_a_confidential_offer_that_tells_its_employer_warns(client, curator):
    offer = make_offer(company=make_company(name="Secrète SA"), confidential=True)
    data = filled(client.get(change(offer)), description="Chez Secrète SA, tout est secret.")
    assert any("contient le nom de l’employeur" in m for m in told(client.post(change(offer), data, follow=True)))
    data = filled(client.get(change(offer)), description="Ici, tout est secret.")
    assert not any("contient le nom" in m for m in told(client.post(change(offer), data, follow=True)))


def test_wide_pay_range_warns(client, curator):
    offer = make_offer()
    data = filled(client.get(change(offer)), pay_min=40_000, pay_max=56_001)
    assert any("fourchette de rémunération large" in m for m in told(client.post(change(offer), data, follow=True)))
    data = filled(client.get(change(offer)), pay_min=40_000, pay_max=56_000)
    assert not any("fourchette" in m for m in told(client.post(change(offer), data, follow=True)))


def test_form_explains_markdown_and_links_to_the_page(client, curator):
    offer = make_offer(status=OfferStatus.DRAFT)
    page = client.get(change(offer)).content.decode()
    assert "Markdown\u00a0: **gras**" in page
    assert f'href="{offer.get_absolute_url()}"' in page
    assert "brouillon" in page


@pytest.mark.parametrize(
    ("field", "term", "found"),
    [
        ("company", "ateli", "Ateliers"),
        ("place", "lyo", "Lyon (69)"),
        ("place", "Lyon (69)", "Lyon (69)"),
        ("place", "69001", "Lyon (69)"),
        ("role", "cto", "CTO"),
        ("skills", "py", "Python"),
    ],
)
def test_autocomplete(client, curator, field, term, found):
    make_company(name="Ateliers")
    make_place()
    make_role(name="CTO")
    make_skill("Python", aliases=["py"])
    make_skill("Rust")
    response = client.get(
        reverse("admin:autocomplete"),
        {"term": term, "app_label": "offers", "model_name": "offer", "field_name": field},
    )
    assert [result["text"] for result in response.json()["results"]] == [found]


# Companies


@pytest.mark.parametrize("number", [1, 30])
def test_company_list_costs_the_same_for_one_and_for_many(client, curator, number, django_assert_num_queries):
    for _ in range(number):
        make_offer()
    with django_assert_num_queries(5):
        assert client.get(reverse("admin:companies_company_changelist")).status_code == 200


def test_company_list_counts_live_offers_and_leads_to_them(client, curator):
    company = make_company(name="Ateliers")
    live = [make_offer(company=company), make_offer(company=company)]
    make_offer(company=company, status=OfferStatus.DRAFT)
    page = client.get(reverse("admin:companies_company_changelist"))
    [row] = page.context["cl"].result_list
    assert row.live_offer_count == 2
    link = f"{LIST}?company__id__exact={company.pk}&amp;suivi=en-ligne"
    assert f'<a href="{link}">2</a>' in page.content.decode()
    assert shown(client.get(link.replace("&amp;", "&"))) == set(live)


def test_company_without_a_slug_gets_one_and_a_taken_one_is_refused(client, curator):
    add = reverse("admin:companies_company_add")
    make_company(name="Ateliers")
    assert client.post(add, filled(client.get(add), name="Ateliers")).status_code == 302
    assert set(Company.objects.values_list("slug", flat=True)) == {"ateliers", "ateliers-2"}
    response = client.post(add, filled(client.get(add), name="Autre", slug="ateliers"))
    assert any("existe déjà" in error for error in errors(response))


def test_same_member_twice_is_refused(client, curator):
    company = make_company()
    Membership.objects.create(company=company, user=curator)
    data = filled(client.get(change(company)))
    data |= {"memberships-TOTAL_FORMS": 2, "memberships-1-user": curator.pk, "memberships-1-company": company.pk}
    response = client.post(change(company), data)
    assert response.status_code == 200
    assert errors(response)
    assert company.memberships.count() == 1


def test_company_with_offers_is_not_deleted(client, curator):
    company = make_offer().company
    response = client.post(reverse("admin:companies_company_delete", args=[company.pk]), {"post": "yes"})
    assert response.status_code in (200, 302, 403)
    assert Company.objects.filter(pk=company.pk).exists()


# Communes


def test_communes_are_only_read(client, curator):
    place = make_place()
    assert client.get(reverse("admin:places_place_changelist") + "?q=69002").status_code == 200
    assert "69001, 69002" in client.get(change(place)).content.decode()
    assert client.post(change(place), {"name": "Lyonne"}).status_code == 403
    assert client.get(reverse("admin:places_place_add")).status_code == 403
    assert client.post(reverse("admin:places_place_delete", args=[place.pk]), {"post": "yes"}).status_code == 403


# Skills


@pytest.mark.parametrize(
    ("name", "alias", "message"),
    [
        ("PYTHON", "", "Une compétence porte déjà ce nom."),
        ("py", "", "Ce nom est déjà un autre nom d’une compétence."),
        ("Rust", "python", "Une compétence porte déjà ce nom."),
        ("Rust", "PY", "Cet autre nom désigne déjà une compétence."),
        ("Rust", "rust", "C’est le nom même de la compétence."),
        ("!!!", "", "Un nom contient au moins une lettre ou un chiffre."),
        ("Rust", "…", "Un nom contient au moins une lettre ou un chiffre."),
    ],
)
def test_names_of_skills_are_unique_over_names_and_aliases(client, curator, name, alias, message):
    make_skill("Python", aliases=["Py"])
    add = reverse("admin:offers_skill_add")
    data = filled(client.get(add), name=name, slug="neuf", **{"aliases-0-name": alias})
    response = client.post(add, data)
    assert response.status_code == 200
    assert message in errors(response)
    assert Skill.objects.count() == 1


def test_same_alias_typed_twice_is_refused(client, curator):
    add = reverse("admin:offers_skill_add")
    data = filled(client.get(add), name="JavaScript", slug="javascript")
    data |= {"aliases-TOTAL_FORMS": 2, "aliases-0-name": "JS", "aliases-1-name": "js", "aliases-1-id": ""}
    response = client.post(add, data)
    assert "Ce nom figure deux fois." in errors(response)
    data["aliases-1-name"] = "ECMAScript"
    assert client.post(add, data).status_code == 302
    assert set(SkillAlias.objects.values_list("key", flat=True)) == {"js", "ecmascript"}


def test_renaming_a_skill_to_its_own_name_in_capitals_is_fine(client, curator):
    skill = make_skill("Javascript")
    assert client.post(change(skill), filled(client.get(change(skill)), name="JavaScript")).status_code == 302
    skill.refresh_from_db()
    assert skill.name == "JavaScript"


@pytest.mark.parametrize("number", [1, 20])
def test_skill_list_costs_the_same_for_one_and_for_many(client, curator, number, django_assert_num_queries):
    for _ in range(number):
        skill = make_skill(aliases=[f"autre{Skill.objects.count()}"])
    make_offer(skills=[skill])
    with django_assert_num_queries(6):
        page = client.get(reverse("admin:offers_skill_changelist"))
    assert {row.live_offer_count for row in page.context["cl"].result_list if row == skill} == {1}
