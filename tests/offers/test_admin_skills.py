"""Skills and their aliases in the admin."""

import pytest
from django.urls import reverse

from offers.models import Skill, SkillAlias
from tests.admin.pages import change_url, form_data, form_errors
from tests.factories import make_offer, make_skill


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
def test_name_or_alias_of_another_skill_is_refused(client, superuser, name, alias, message):
    make_skill("Python", aliases=["Py"])
    add = reverse("admin:offers_skill_add")
    data = form_data(client.get(add), name=name, slug="neuf", **{"aliases-0-name": alias})
    response = client.post(add, data)
    assert response.status_code == 200
    assert message in form_errors(response)
    assert Skill.objects.count() == 1


def test_duplicate_alias_is_refused(client, superuser):
    add = reverse("admin:offers_skill_add")
    data = form_data(client.get(add), name="JavaScript", slug="javascript")
    data |= {"aliases-TOTAL_FORMS": 2, "aliases-0-name": "JS", "aliases-1-name": "js", "aliases-1-id": ""}
    response = client.post(add, data)
    assert "Ce nom figure deux fois." in form_errors(response)
    data["aliases-1-name"] = "ECMAScript"
    assert client.post(add, data).status_code == 302
    assert set(SkillAlias.objects.values_list("key", flat=True)) == {"js", "ecmascript"}


def test_skill_can_be_renamed_to_another_capitalization(client, superuser):
    skill = make_skill("Javascript")
    data = form_data(client.get(change_url(skill)), name="JavaScript")
    assert client.post(change_url(skill), data).status_code == 302
    skill.refresh_from_db()
    assert skill.name == "JavaScript"


@pytest.mark.parametrize("count", [1, 20])
def test_skill_list_takes_a_constant_number_of_queries(client, superuser, count, django_assert_num_queries):
    for _ in range(count):
        skill = make_skill(aliases=[f"autre{Skill.objects.count()}"])
    make_offer(skills=[skill])
    with django_assert_num_queries(6):
        page = client.get(reverse("admin:offers_skill_changelist"))
    assert {row.live_offer_count for row in page.context["cl"].result_list if row == skill} == {1}
