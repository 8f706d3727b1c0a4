"""Role profiles as TOML files: load_roles, export_roles, and errors in files."""

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


def run_command(command, *args, **options) -> str:
    out = io.StringIO()
    call_command(command, *map(str, args), stdout=out, no_color=True, **options)
    return out.getvalue()


@pytest.fixture
def write_file(tmp_path):
    def write_file(text, name="testeur.toml"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_file


def stored_values(role) -> dict:
    """Return all stored values of `role`, without pks and positions."""
    names = [field.name for field in Role._meta.fields if field.name not in {"id", "loaded_digest"}]
    return {
        **{name: getattr(role, name) for name in names},
        "entries": list(role.entries.values_list("section", "label", "text")),
        "titles": list(role.titles.values_list("title", "key")),
        "bands": set(role.bands.values_list("level", "zone", "minimum", "maximum", "source", "year")),
        "faq": list(role.faq.values_list("question", "answer", "illustration")),
    }


def test_load_and_export_of_the_shipped_files_changes_no_byte(db, tmp_path):
    run_command("load_roles")
    run_command("export_roles", to=tmp_path)
    shipped = sorted(files.CONTENT.glob("*.toml"))
    assert [path.name for path in shipped] == [path.name for path in sorted(tmp_path.glob("*.toml"))]
    for path in shipped:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert "up to date" in run_command("export_roles", check=True)


DIFFICULT_TEXTS = [
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


@pytest.mark.parametrize("text", DIFFICULT_TEXTS)
def test_any_text_survives_export_and_load(db, tmp_path, text):
    role = make_role(slug="rond", name=f"N {text}"[:80], summary=f"S {text}", definition=text, salary_source=text)
    RoleEntry.objects.create(role=role, section="mission", position=10, text=f"M {text}")
    RoleEntry.objects.create(role=role, section="mission", position=5, label=f"L {text}"[:60], text=f"M {text}")
    RoleTitle.objects.create(role=role, title=f"T {text}")
    FaqEntry.objects.create(role=role, question=f"Q {text}", answer=f"R {text}", illustration="day")
    SalaryBand.objects.create(
        role=role, level="expert", zone="regions", minimum=50, maximum=60, source=f"S {text}", year=2026
    )
    SalaryBand.objects.create(role=role, level="debutant", zone="paris", minimum=30, maximum=30, source="S", year=2026)
    before = stored_values(role)
    run_command("export_roles", to=tmp_path)
    role.delete()
    assert "rond: created" in run_command("load_roles", tmp_path)
    role = Role.objects.get()
    assert stored_values(role) == before
    assert "rond: unchanged" in run_command("load_roles", tmp_path)
    assert "up to date" in run_command("export_roles", to=tmp_path, check=True)


def test_edited_profile_is_exported_and_loaded_on_another_site(db, tmp_path):
    run_command("load_roles")
    role = Role.objects.get(slug="cto")
    role.definition = "Réécrite.\n\nEn deux paragraphes."
    role.study_level = 0
    role.experience_to = None
    role.save()
    role.entries.filter(section="mission").first().delete()
    before = stored_values(role)
    run_command("export_roles", "cto", to=tmp_path)
    Role.objects.all().delete()
    run_command("load_roles", tmp_path / "cto.toml")
    assert stored_values(Role.objects.get()) == before


def test_edited_profile_is_overwritten_only_with_overwrite(db, write_file):
    path = write_file(SMALL)
    assert run_command("load_roles", path) == "testeur: created\n"
    assert run_command("load_roles", path) == "testeur: unchanged\n"
    role = Role.objects.get()

    # A newer file for an unedited profile.
    write_file(SMALL.replace("Une phrase.", "Une autre."))
    assert run_command("load_roles", path) == "testeur: updated\n"

    # An edit in the admin, then a newer file.
    RoleEntry.objects.create(role=role, section="mission", text="Ajoutée par une curatrice")
    write_file(SMALL.replace("Une phrase.", "Encore une autre."))
    assert "left alone: edited on the site" in run_command("load_roles", path)
    role.refresh_from_db()
    assert role.summary == "Une autre."
    assert role.entries.count() == 1

    assert "overwritten" in run_command("load_roles", path, overwrite=True)
    role.refresh_from_db()
    assert role.summary == "Encore une autre."
    assert not role.entries.exists()
    assert Role.objects.get().pk == role.pk


def test_exported_edit_does_not_block_newer_files(db, write_file, tmp_path):
    path = write_file(SMALL)
    run_command("load_roles", path)
    Role.objects.update(summary="Corrigée sur le site.")
    run_command("export_roles", to=tmp_path)
    assert run_command("load_roles", path) == "testeur: unchanged\n"
    write_file(path.read_text().replace("Corrigée", "Recorrigée"))
    assert run_command("load_roles", path) == "testeur: updated\n"


def test_profile_created_in_the_admin_is_not_overwritten(db, write_file):
    make_role(slug="testeur", name="Fait à la main")
    assert "left alone" in run_command("load_roles", write_file(SMALL))
    assert Role.objects.get().name == "Fait à la main"


def test_windows_line_ends_and_byte_order_mark_are_accepted(db, write_file):
    text = SMALL + '\n[definition]\ntext = """\nUn\n\nDeux\n"""\n'
    run_command("load_roles", write_file(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
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
def test_malformed_file_is_refused_with_key_and_reason(db, write_file, text, error):
    path = write_file(text)
    with pytest.raises(CommandError) as raised:
        run_command("load_roles", path)
    assert str(path) in str(raised.value)
    assert error in str(raised.value)
    assert not Role.objects.exists()


def test_errors_of_all_files_are_reported_and_nothing_is_loaded(db, write_file, tmp_path):
    write_file(SMALL, "bon.toml")
    invalid = SMALL.replace("Testeur", "") + "couleur = 1\nstudy_level = 9\n" + BAND.replace("60", "80")
    write_file(invalid, "mauvais.toml")
    write_file("=", "pire.toml")
    write_file(SMALL, "nom de travers.toml")
    with pytest.raises(CommandError) as raised:
        run_command("load_roles", tmp_path)
    message = str(raised.value)
    errors = ("name: empty", "couleur: unknown key", "study_level: 9", "salary.bands[1]: minimum", "pire.toml: not")
    for error in errors:
        assert error in message
    assert "nom de travers.toml: the name of the file must be the slug of the page" in message
    assert "bon.toml" not in message
    assert message.endswith("Nothing was loaded.")
    assert not Role.objects.exists()


def test_missing_file_and_two_files_for_one_role_are_refused(db, write_file, tmp_path):
    with pytest.raises(CommandError, match=r"absent\.toml: No such file"):
        run_command("load_roles", tmp_path / "absent.toml")
    other = tmp_path / "ailleurs"
    other.mkdir()
    write_file(SMALL, "ailleurs/testeur.toml")
    with pytest.raises(CommandError, match="a second file for the role testeur"):
        run_command("load_roles", write_file(SMALL), other)


def test_export_check_fails_for_differences_and_unknown_roles(db, tmp_path):
    make_role(slug="sans-fichier")
    with pytest.raises(CommandError, match="sans-fichier"):
        run_command("export_roles", check=True, to=tmp_path)
    assert not list(tmp_path.glob("*.toml"))
    with pytest.raises(CommandError, match="No such role: inconnu"):
        run_command("export_roles", "inconnu", to=tmp_path)
