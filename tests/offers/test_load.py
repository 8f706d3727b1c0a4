import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from offers.companies.models import Company
from offers.management.commands.load_offers import FILE
from offers.models import Offer, Skill
from tests.factories import GRENOBLE, make_offer, make_place, make_skill


@pytest.fixture
def ready(db):
    make_place()
    make_place(**GRENOBLE)
    make_place(insee_code="94015", name="Bry-sur-Marne", department="94", region="11", postal_codes=["94360"])
    make_place(insee_code="74208", name="Passy", department="74", region="84", postal_codes=["74190"])
    call_command("load_skills", verbosity=0)


def load():
    out = StringIO()
    call_command("load_offers", stdout=out)
    return out.getvalue()


def test_first_offers(ready):
    assert load() == "4 offres chargées.\n"
    found = list(Offer.objects.published().newest_first())
    assert [offer.title for offer in found] == [
        "Data Product Owner",
        "Développeur Python expérimenté",
        "Développeur C++ – Web / RPC",
        "Développeur C# .NET",
    ]
    newest = found[0].published_at
    assert timezone.localdate(newest) == timezone.localdate()
    assert [(newest - offer.published_at) for offer in found] == [timedelta(days=n) for n in (0, 5, 6, 9)]
    assert [offer.employer_line for offer in found] == [
        "Institut national de l’audiovisuel",
        "start-up qui réinvente le travail avec l’IA",
        "Employeur confidentiel",
        "éditeur de logiciel pour les magasins de sport",
    ]
    assert {offer.pay_min for offer in found} == {None}
    assert {offer.role for offer in found} == {None}
    assert all(offer.confirmed_at == offer.published_at for offer in found)
    assert [sorted(skill.slug for skill in offer.skills.all()) for offer in found] == [
        [],
        ["python"],
        ["cpp"],
        ["csharp", "dotnet"],
    ]
    assert Company.objects.get().kind == "direct"


def test_loading_again_changes_nothing(ready):
    load()
    Offer.objects.filter(title="Développeur C# .NET").update(title="Développeuse C#")
    Offer.objects.filter(title="Data Product Owner").delete()
    assert load() == "Le site a déjà des offres\u00a0: rien à faire.\n"
    assert Offer.objects.count() == 3
    assert Offer.objects.filter(title="Développeuse C#").exists()


def test_a_site_with_offers_gets_no_others(ready):
    make_offer()
    load()
    assert Offer.objects.count() == 1


def test_first_offers_need_their_towns(db):
    with pytest.raises(CommandError, match="lancez d’abord load_places"):
        load()
    assert not Offer.objects.exists()


def test_french_of_the_first_offers():
    with FILE.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for text in row.values():
                assert "'" not in text
                assert " :" not in text


def test_first_skills(db):
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


def test_skills_file_that_names_one_twice_is_refused(db, tmp_path):
    file = tmp_path / "skills.csv"
    file.write_text("name,slug,aliases\nJavaScript,javascript,JS\nJs,js,\n")
    with pytest.raises(CommandError, match="«\u00a0Js\u00a0» est vide ou figure deux fois"):
        call_command("load_skills", file)
    assert not Skill.objects.exists()


def test_a_name_or_alias_designates_one_skill(db):
    from django.core.exceptions import ValidationError

    from offers.models import SkillAlias

    make_skill("JavaScript", aliases=["JS"])
    with pytest.raises(ValidationError, match="déjà un autre nom d’une compétence"):
        Skill(name="js", slug="js2").full_clean()
    with pytest.raises(ValidationError, match="porte déjà ce nom"):
        SkillAlias(skill=make_skill("TypeScript"), name="javascript").full_clean()
