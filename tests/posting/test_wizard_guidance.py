"""Help with writing an offer: salary grids, and suggestions of skills and communes."""

import pytest
from django.urls import reverse

from careers.models import SalaryBand
from offers.enums import Contract
from offers.posting.drafts import guidance, suggest_skills
from tests.factories import LYON, make_offer, make_place, make_role, make_skill
from tests.posting.forms import make_draft, step_data, step_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def role_with_grid(db):
    role = make_role(name="Développeur")
    for zone, low, high in (("paris", 55, 65), ("grandes-villes", 45, 55), ("regions", 40, 48)):
        SalaryBand.objects.create(
            role=role, level="confirme", zone=zone, minimum=low, maximum=high, source="Rédaction", year=2026
        )
    return role


def test_pay_is_compared_with_the_grid_of_the_role(client, member, company, role_with_grid):
    offer = make_draft(company, role=role_with_grid, experience="confirme", place=make_place(**LYON))
    page = client.get(step_url(offer, "conditions"))
    assert "Cette offre se situe dans la fourchette." in page.content.decode()
    # The preview of unsaved values, by htmx or by the button.
    data = step_data(page, pay_min="30", pay_max="35", apercu="1")
    fragment = client.post(step_url(offer, "conditions"), data, headers={"HX-Request": "true", "HX-Target": "reperes"})
    assert "au-dessous de la fourchette" in fragment.content.decode()
    offer.refresh_from_db()
    assert offer.pay_min == 45_000


def test_grid_without_place_or_pay_has_all_zones(role_with_grid, company):
    offer = make_draft(company, role=role_with_grid, experience="confirme", pay_min=None, pay_max=None)
    offer.place = None
    assert [(bar.label, is_selected) for bar, is_selected in guidance(offer).bars] == [
        ("Paris", True),
        ("Grandes villes", True),
        ("Régions", True),
    ]
    assert guidance(make_draft(company, role=role_with_grid, experience="debutant")) is None
    freelance = {"contract": Contract.FREELANCE, "pay_min": None, "pay_max": None}
    assert guidance(make_draft(company, role=role_with_grid, experience="confirme", **freelance)) is None
    assert guidance(make_draft(company)) is None


def test_suggested_skills_come_from_the_profile_then_from_its_offers(django_assert_max_num_queries):
    role = make_role(skills="De Java à Spring, et go.")
    java, spring, go, docker = (make_skill(name) for name in ("Java", "Spring", "Go", "Docker"))
    for _ in range(3):
        make_offer(role=role, skills=[docker, java])
    with django_assert_max_num_queries(6):
        assert suggest_skills(role) == [java, spring, docker]
    assert go not in suggest_skills(role)


def test_suggestions_of_skills_and_communes(client, member):
    make_skill("JavaScript", aliases=["JS"])
    make_place()
    skills = client.get(reverse("posting:skills"), {"q": "js"}).json()["results"]
    assert [skill["value"] for skill in skills] == ["JavaScript"]
    assert client.get(reverse("posting:skills"), {"q": " "}).json() == {"results": []}
    places = client.get(reverse("places:suggest"), {"q": "rh", "seulement": "communes"}).json()["results"]
    assert places == []
    assert client.get(reverse("places:suggest"), {"q": "rh"}).json()["results"]
