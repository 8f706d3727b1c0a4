"""Names, e-mail addresses and telephone numbers as people type and paste them."""

import doctest

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from jobboard.text import cleaning, emails
from jobboard.text.cleaning import clean_line, clean_text
from jobboard.text.emails import clean_email
from jobboard.text.fields import EmailField, LineField, PhoneField, ProseField


@pytest.mark.parametrize("module", [cleaning, emails])
def test_doctests_pass(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("\u202eJean Dupont", "Jean Dupont"),
        ("Jean\u2066\u2069 Du\u200bpont\ufeff", "Jean Dupont"),
        ("Société\u00a0Générale", "Société Générale"),
        ("Jean\u2009\u202f Dupont\t", "Jean Dupont"),
        ("Depuis quand\u00a0? «\u202fDev\u202f»", "Depuis quand\u00a0? «\u202fDev\u202f»"),
        ("Jean\tDupont", "Jean Dupont"),
        ("Amélie", "Amélie"),
        ("Ame\u200blie\u0301", "Amelié"),
        ("Ste\u00adphanie", "Stephanie"),
        ("👩\u200d💻 Dev", "👩\u200d💻 Dev"),
        ("Je\u200dan", "Jean"),
        ("👩\u200d\u061ca", "👩a"),
        ("\u1680\u200d👩", "👩"),
        ("\u1f71\u200d\u1f71", "άά"),
        ("e\u0323\u200d\u1eb9", "ẹẹ"),
        ("क्\u200dष", "क्\u200dष"),
        ("محمد علي", "محمد علي"),
        ("L’Haÿ & C°", "L’Haÿ & C°"),
    ],
)
def test_line_has_plain_spaces_and_no_invisible_character(typed, line):
    assert clean_line(typed) == LineField().clean(typed) == line
    assert clean_line(line) == line


@pytest.mark.parametrize("typed", ["Anne\r\nBcc: x@example.org", "Anne\u2028Martin", "Anne\x1b"])
def test_line_breaks_and_control_characters_are_refused(typed):
    for field in (LineField(), EmailField()):
        with pytest.raises(ValidationError, match="une seule ligne"):
            field.clean(typed)


def test_text_keeps_lines_tabs_and_no_break_spaces():
    assert clean_text("Bonjour\u00a0!\r\n\tUn\x0bdeux\u2029trois\u202e\x00") == "Bonjour\u00a0!\n\tUn\ndeux\ntrois"
    assert ProseField(max_length=3).clean("a\r\nb") == "a\nb"


@pytest.mark.parametrize(
    "typed", ["jean@société.fr", "jean@xn--socit-esab.fr", "jean@Socie\u0301te\u0301.FR", " jean@SOCIÉTÉ.fr\u200b"]
)
def test_both_spellings_of_a_domain_are_one_address(typed):
    assert EmailField().clean(typed) == "jean@xn--socit-esab.fr"


def test_sharp_s_is_not_ss():
    assert clean_email("a@straße.de") == "a@xn--strae-oqa.de" != clean_email("a@strasse.de")


@pytest.mark.parametrize("address", ["jean.dupont+emploi@exemple.fr", "O'Neil@exemple.museum", "a@b.co"])
def test_valid_address_is_unchanged(address):
    assert EmailField().clean(address) == address
    validate_email(address)


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        ("prénom.nom@exemple.fr", "accent avant l’arobase\u00a0: est-ce prenom.nom@exemple.fr\u00a0?"),
        ("jean@exemple.fr.", "signe de trop à la fin"),
        ("jean@exemple.fr,", "signe de trop à la fin"),
        ("Jean Dupont <jean@exemple.fr>", "L’adresse seule, sans nom ni signe autour\u00a0: jean@exemple.fr."),
        ("mailto:jean@exemple.fr", "L’adresse seule"),
        ("jean@exemple.fr, anne@exemple.fr", "Une seule adresse"),
        ("jean dupont@exemple.fr", "adresse"),
        ("jean@exemple", "il manque la fin"),
        ("jean", "il manque l’arobase"),
        ("jean@", "il manque une partie"),
        ("jean@exemple,fr", "virgule à la place d’un point"),
        ("jean..dupont@exemple.fr", "un point de trop"),
        ("jean@@exemple.fr", "qu’une arobase"),
        ("jean@exe_mple.fr", "pas valable"),
    ],
)
def test_error_names_the_cause(typed, cause):
    with pytest.raises(ValidationError) as error:
        EmailField().clean(typed)
    assert cause in error.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("06\u00a012\u202f34\u00a056\u00a078\u200b", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0693 12 34 56", "+262693123456"),
        ("0262 20 12 34", "+262262201234"),
        ("0639 12 34 56", "+262639123456"),
        ("0269 61 12 34", "+262269611234"),
        ("0690 35 12 34", "+590690351234"),
        ("0691 28 12 34", "+590691281234"),
        ("0590 81 12 34", "+590590811234"),
        ("0696 12 34 56", "+596696123456"),
        ("0596-71-12-34", "+596596711234"),
        ("0694 12 34 56", "+594694123456"),
        ("0594 31 12 34", "+594594311234"),
        ("0708 41 12 34", "+508708411234"),
        ("+33 692 12 34 56", "+262692123456"),
        ("+262 692 12 34 56", "+262692123456"),
        ("+687 75 12 34", "+687751234"),
        ("+32 470 12 34 56", "+32470123456"),
    ],
)
def test_telephone_of_any_french_territory(typed, number):
    assert PhoneField().clean(typed).as_e164 == number


@pytest.mark.parametrize(
    ("typed", "cause"), [("75 12 34", "+687"), ("87 12 34 56", "+689"), ("06 12", "0692"), ("demain", "pas valable")]
)
def test_invalid_telephone_names_what_is_expected(typed, cause):
    with pytest.raises(ValidationError) as error:
        PhoneField().clean(typed)
    assert cause in error.value.messages[0]
