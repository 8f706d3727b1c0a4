"""The commands that load the first offers and the skills."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from offers.companies.models import Company
from offers.management.commands.load_offers import FILE
from offers.models import Offer, Skill, SkillAlias
from tests.factories import GRENOBLE, make_offer, make_place, make_skill


@pytest.fixture
def places_and_skills(db):
    make_place()
    make_place(**GRENOBLE)
    make_place(insee_code="94015", name="Bry-sur-Marne", department="94", region="11", postal_codes=["94360"])
    make_place(insee_code="74208", name="Passy", department="74", region="84", postal_codes=["74190"])
    call_command("load_skills", verbosity=0)


def load_offers() -> str:
    out = StringIO()
    call_command("load_offers", stdout=out)
    return out.getvalue()


def test_load_offers_creates_four_published_offers(places_and_skills):
    assert load_offers() == "4 offres chargées.\n"
    offers = list(Offer.objects.published().newest_first())
    assert [offer.title for offer in offers] == [
        "Data Product Owner",
        "Développeur Python expérimenté",
        "Développeur C++ – Web / RPC",
        "Développeur C# .NET",
    ]
    newest = offers[0].published_at
    assert timezone.localdate(newest) == timezone.localdate()
    assert [(newest - offer.published_at) for offer in offers] == [timedelta(days=n) for n in (0, 5, 6, 9)]
    assert [offer.employer_line for offer in offers] == [
        "Institut national de l’audiovisuel",
        "start-up qui réinvente le travail avec l’IA",
        "Employeur confidentiel",
        "éditeur de logiciel pour les magasins de sport",
    ]
    assert {offer.pay_min for offer in offers} == {None}
    assert {offer.role for offer in offers} == {None}
    assert all(offer.confirmed_at == offer.published_at for offer in offers)
    assert [sorted(skill.slug for skill in offer.skills.all()) for offer in offers] == [
        [],
        ["python"],
        ["cpp"],
        ["csharp", "dotnet"],
    ]
    assert Company.objects.get().kind == "direct"


def test_second_load_changes_nothing(places_and_skills):
    load_offers()
    Offer.objects.filter(title="Développeur C# .NET").update(title="Développeuse C#")
    Offer.objects.filter(title="Data Product Owner").delete()
    assert load_offers() == "Le site a déjà des offres\u00a0: rien à faire.\n"
    assert Offer.objects.count() == 3
    assert Offer.objects.filter(title="Développeuse C#").exists()


def test_site_with_offers_is_not_loaded(places_and_skills):
    make_offer()
    load_offers()
    assert Offer.objects.count() == 1


def test_load_offers_without_communes_is_refused(db):
    with pytest.raises(CommandError, match="lancez d’abord load_places"):
        load_offers()
    assert not Offer.objects.exists()


def test_loaded_offers_use_french_typography():
    with FILE.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for text in row.values():
                assert "'" not in text
                assert " :" not in text


def test_load_skills_keeps_deleted_and_edited_skills(db):
    call_command("load_skills", verbosity=0)
    count = Skill.objects.count()
    assert count > 50
    assert Skill.objects.get(slug="cpp").name == "C++"
    Skill.objects.get(slug="cobol").delete()
    Skill.objects.filter(slug="cpp").update(name="C plus plus")
    call_command("load_skills", verbosity=0)
    assert Skill.objects.count() == count - 1
    call_command("load_skills", "--add-missing", verbosity=0)
    assert Skill.objects.count() == count
    assert Skill.objects.get(slug="cpp").name == "C plus plus"
    for skill in Skill.objects.all():
        skill.full_clean()


def test_skills_file_with_a_duplicate_is_refused(db, tmp_path):
    file = tmp_path / "skills.csv"
    file.write_text("name,slug,aliases\nJavaScript,javascript,JS\nJs,js,\n")
    with pytest.raises(CommandError, match="«\u00a0Js\u00a0» est vide ou figure deux fois"):
        call_command("load_skills", file)
    assert not Skill.objects.exists()


def test_skill_name_or_alias_must_be_unique(db):
    make_skill("JavaScript", aliases=["JS"])
    with pytest.raises(ValidationError, match="déjà un autre nom d’une compétence"):
        Skill(name="js", slug="js2").full_clean()
    with pytest.raises(ValidationError, match="porte déjà ce nom"):
        SkillAlias(skill=make_skill("TypeScript"), name="javascript").full_clean()
