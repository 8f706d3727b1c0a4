"""Profiles as files: load_roles, export_roles, and everything that can be wrong with a file."""

import io

import pytest
from django.core.management import CommandError, call_command

from careers import files
from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from tests.factories import make_role

SMALL = """
name = "Testeur"
status = "published"
updated_on = 2026-11-24
summary = "Une phrase."
"""


def run(command, *args, **options) -> str:
    out = io.StringIO()
    call_command(command, *map(str, args), stdout=out, no_color=True, **options)
    return out.getvalue()


@pytest.fixture
def write(tmp_path):
    def write(text, name="testeur.toml"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def everything(role) -> dict:
    """All that is stored of `role`, without keys and positions' numbers."""
    names = [field.name for field in Role._meta.fields if field.name not in {"id", "loaded_digest"}]
    return {
        **{name: getattr(role, name) for name in names},
        "entries": list(role.entries.values_list("section", "label", "text")),
        "titles": list(role.titles.values_list("title", "key")),
        "bands": set(role.bands.values_list("level", "zone", "minimum", "maximum", "source", "year")),
        "faq": list(role.faq.values_list("question", "answer", "illustration")),
    }


def test_loading_and_exporting_the_sites_own_files_changes_no_byte(db, tmp_path):
    run("load_roles")
    run("export_roles", to=tmp_path)
    shipped = sorted(files.CONTENT.glob("*.toml"))
    assert [path.name for path in shipped] == [path.name for path in sorted(tmp_path.glob("*.toml"))]
    for path in shipped:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert "up to date" in run("export_roles", check=True)


NASTY = [
    "simple",
    "fin de ligne\n",
    "\n\ndébut et fin\n\n",
    "deux espaces  \nà la fin",
    "retour chariot\r\net\rseul\r",
    "\r\ndébut",
    'guillemets """ et """" et \\ et \\n',
    '"',
    "tab\tulation",
    "« guillemets », l’apostrophe, espaces\u00a0:\u202f1\u202f000 – … œuvre 🚀 \u2028 \u200b",
    "'''",
    "# pas un commentaire",
    "  espaces autour  ",
    "\x1b[31m \x7f",
]


@pytest.mark.parametrize("text", NASTY)
def test_whatever_is_typed_survives_the_round_trip(db, tmp_path, text):
    role = make_role(slug="rond", name=f"N {text}"[:80], summary=f"S {text}", definition=text, salary_source=text)
    RoleEntry.objects.create(role=role, section="mission", position=10, text=f"M {text}")
    RoleEntry.objects.create(role=role, section="mission", position=5, label=f"L {text}"[:60], text=f"M {text}")
    RoleTitle.objects.create(role=role, title=f"T {text}")
    FaqEntry.objects.create(role=role, question=f"Q {text}", answer=f"R {text}", illustration="day")
    SalaryBand.objects.create(
        role=role, level="expert", zone="regions", minimum=50, maximum=60, source=f"S {text}", year=2026
    )
    SalaryBand.objects.create(role=role, level="debutant", zone="paris", minimum=30, maximum=30, source="S", year=2026)
    before = everything(role)
    run("export_roles", to=tmp_path)
    role.delete()
    assert "rond: created" in run("load_roles", tmp_path)
    role = Role.objects.get()
    assert everything(role) == before
    assert "rond: unchanged" in run("load_roles", tmp_path)
    assert "up to date" in run("export_roles", to=tmp_path, check=True)


def test_edit_on_the_site_reaches_another_site_through_the_file(db, tmp_path):
    run("load_roles")
    role = Role.objects.get(slug="cto")
    role.definition = "Réécrite.\n\nEn deux paragraphes."
    role.study_level = 0
    role.experience_to = None
    role.save()
    role.entries.filter(section="mission").first().delete()
    before = everything(role)
    run("export_roles", "cto", to=tmp_path)
    Role.objects.all().delete()
    run("load_roles", tmp_path / "cto.toml")
    assert everything(Role.objects.get()) == before


def test_edits_made_on_the_site_are_kept_unless_told_otherwise(db, write):
    path = write(SMALL)
    assert run("load_roles", path) == "testeur: created\n"
    assert run("load_roles", path) == "testeur: unchanged\n"
    role = Role.objects.get()

    # A newer file over an untouched profile.
    write(SMALL.replace("Une phrase.", "Une autre."))
    assert run("load_roles", path) == "testeur: updated\n"

    # A curator's edit, then a newer file.
    RoleEntry.objects.create(role=role, section="mission", text="Ajoutée par une curatrice")
    write(SMALL.replace("Une phrase.", "Encore une autre."))
    assert "left alone: edited on the site" in run("load_roles", path)
    role.refresh_from_db()
    assert role.summary == "Une autre."
    assert role.entries.count() == 1

    assert "overwritten" in run("load_roles", path, overwrite=True)
    role.refresh_from_db()
    assert role.summary == "Encore une autre."
    assert not role.entries.exists()
    assert Role.objects.get().pk == role.pk


def test_edit_that_has_reached_the_file_no_longer_holds_back_newer_files(db, write, tmp_path):
    path = write(SMALL)
    run("load_roles", path)
    Role.objects.update(summary="Corrigée sur le site.")
    run("export_roles", to=tmp_path)
    assert run("load_roles", path) == "testeur: unchanged\n"
    write(path.read_text().replace("Corrigée", "Recorrigée"))
    assert run("load_roles", path) == "testeur: updated\n"


def test_profile_made_on_the_site_is_kept_too(db, write):
    make_role(slug="testeur", name="Fait à la main")
    assert "left alone" in run("load_roles", write(SMALL))
    assert Role.objects.get().name == "Fait à la main"


def test_windows_line_ends_and_mark_are_read(db, write):
    text = SMALL + '\n[definition]\ntext = """\nUn\n\nDeux\n"""\n'
    run("load_roles", write(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert Role.objects.get().definition == "Un\n\nDeux"


BAND = '[[salary.bands]]\nlevel = "expert"\nzone = "paris"\nminimum = 60\nmaximum = 70\nsource = "X"\nyear = 2026\n'


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name = \nstatus = 1", "not TOML: Invalid value (at line 1, column 8)"),
        (SMALL + "name = 'deux fois'", "not TOML: Cannot overwrite a value (at"),
        (SMALL.encode() + b'full_name = "\xe9"', "line 6: not UTF-8"),
        (SMALL.replace('name = "Testeur"', ""), "name: missing"),
        (SMALL.replace("Testeur", " "), "name: empty"),
        (SMALL.replace('"Testeur"', "3"), "name: a text expected, a whole number found"),
        (SMALL.replace("Testeur", "x" * 81), "name: 81 characters, 80 at most"),
        (SMALL.replace("Testeur", "a\\u0000b"), "name: contains a NUL character"),
        (SMALL.replace("published", "publiée"), "status: “publiée” is none of draft, published"),
        (SMALL.replace("2026-11-24", '"2026-11-24"'), "updated_on: a date such as 2026-01-31, without quotes expected"),
        (SMALL.replace("2026-11-24", "2026-11-24T10:00:00"), "updated_on: a date such as"),
        (SMALL + "couleur = 'bleu'", "couleur: unknown key; known here: name, full_name"),
        (SMALL + "study_level = 4", "study_level: 4 is none of 0, 2, 3, 5, 8"),
        (SMALL + "study_level = true", "study_level: a whole number expected, true or false found"),
        (SMALL + "titles = 'un'", "titles: a list expected, a text found"),
        (SMALL + "titles = ['DSI', 3]", "titles[2]: a text expected"),
        (SMALL + "titles = ['Élu', 'un', 'elu ']", "titles[3]: the same title as titles[1]"),
        (SMALL + "[median_salary]\namount = 93", "median_salary.source: missing"),
        (SMALL + "[median_salary]\namount = 93\nsource = 'X'", "median_salary.year: missing"),
        (SMALL + "[median_salary]\namount = 93000\nsource = 'X'\nyear = 2026", "93000 is not between 10 and 999"),
        (SMALL + "[experience]\nfrom = 10\nto = 6", "experience: from (10) is more than to (6)"),
        (SMALL + "[experience]\nto = 6", "experience.from: missing"),
        (SMALL + "missions = 'texte'", "missions: a table expected, a text found"),
        (SMALL + "[missions]\nlist = [{label = 'x'}]", "missions.list[1].text: missing"),
        (SMALL + "[missions]\nlist = [1.5]", "missions.list[1]: a text, or a table of label and text expected"),
        (SMALL + f"[missions]\nlist = ['{'x' * 501}']", "missions.list[1]: 501 characters, 500 at most"),
        (SMALL + "[definition]\nlist = ['x']", "definition.list: unknown key"),
        (SMALL + BAND.replace("60", "80"), "salary.bands[1]: minimum (80) is more than maximum (70)"),
        (SMALL + BAND + BAND, "salary.bands[2]: same level and zone as salary.bands[1]"),
        (SMALL + BAND.replace("expert", "guru"), "salary.bands[1].level: “guru” is none of debutant, junior"),
        (SMALL + BAND.replace("paris", "lune"), "salary.bands[1].zone: “lune” is none of paris"),
        (SMALL + BAND.replace("2026", "1999"), "salary.bands[1].year: 1999 is not between 2000 and 2100"),
        (SMALL + BAND.replace('source = "X"\n', ""), "salary.bands[1].source: missing"),
        (SMALL + "[faq]\nquestion = 'x'", "faq: a list of tables expected, a table found"),
        (SMALL + "[[faq]]\nquestion = 'x'", "faq[1].answer: missing"),
        (SMALL + "[[faq]]\nquestion='x'\nanswer='y'\nillustration='z'", "faq[1].illustration: “z” is none of remote"),
    ],
)
def test_malformed_file_is_refused_with_key_and_reason(db, write, text, error):
    path = write(text)
    with pytest.raises(CommandError) as refused:
        run("load_roles", path)
    assert str(path) in str(refused.value)
    assert error in str(refused.value)
    assert not Role.objects.exists()


def test_all_errors_of_all_files_are_told_and_nothing_is_loaded(db, write, tmp_path):
    write(SMALL, "bon.toml")
    write(SMALL.replace("Testeur", "") + "couleur = 1\nstudy_level = 9\n" + BAND.replace("60", "80"), "mauvais.toml")
    write("=", "pire.toml")
    write(SMALL, "nom de travers.toml")
    with pytest.raises(CommandError) as refused:
        run("load_roles", tmp_path)
    message = str(refused.value)
    for part in ("name: empty", "couleur: unknown key", "study_level: 9", "salary.bands[1]: minimum", "pire.toml: not"):
        assert part in message
    assert "nom de travers.toml: the name of the file must be the slug of the page" in message
    assert "bon.toml" not in message
    assert message.endswith("Nothing was loaded.")
    assert not Role.objects.exists()


def test_missing_file_and_two_files_for_one_role_are_refused(db, write, tmp_path):
    with pytest.raises(CommandError, match=r"absent\.toml: No such file"):
        run("load_roles", tmp_path / "absent.toml")
    other = tmp_path / "ailleurs"
    other.mkdir()
    write(SMALL, "ailleurs/testeur.toml")
    with pytest.raises(CommandError, match="a second file for the role testeur"):
        run("load_roles", write(SMALL), other)


def test_export_check_fails_for_what_differs(db, tmp_path):
    make_role(slug="sans-fichier")
    with pytest.raises(CommandError, match="sans-fichier"):
        run("export_roles", check=True, to=tmp_path)
    assert not list(tmp_path.glob("*.toml"))
    with pytest.raises(CommandError, match="No such role: inconnu"):
        run("export_roles", "inconnu", to=tmp_path)
