"""How a text is taken apart: slices, operators, what is left, and names that the site knows."""

import pytest

from offers.places.areas import area_text
from offers.places.territories import DEPARTMENT_REGION, Department
from offers.search.synonyms import build_thesaurus, expression
from offers.understanding.names import Names
from offers.understanding.phrases import phrase_groups
from offers.understanding.reading import understand

pytestmark = pytest.mark.usefixtures("db", "france")


def conditions(text, names=None):
    read = understand(text, names)
    return [(each.parameter, text[each.start : each.end]) for each in read.conditions]


def test_each_condition_has_its_slice_and_the_words_are_what_is_left():
    read = understand("CDI développeur PHP à Lyon, dès 45 k€ (H/F)")
    assert [(each.parameter, read.text[each.start : each.end]) for each in read.conditions] == [
        ("contrat", "CDI"),
        ("ou", "à Lyon"),
        ("salaire", "dès 45 k€"),
    ]
    assert read.words == "développeur PHP"
    assert read.amount("salaire") == 45_000
    assert str(read.areas[0].area) == "Lyon (69)"


def test_conditions_can_be_removed_and_replaced():
    read = understand("freelance java à Lyon")
    contract, place = read.conditions
    assert read.without([contract]) == "java à Lyon"
    assert read.without([place]) == "freelance java"
    assert read.without_words == "freelance à Lyon"
    assert read.replaced(place, "Lyon (69)") == "freelance java Lyon (69)"
    assert read.with_words("jaav") == "jaav freelance à Lyon"


@pytest.mark.parametrize(
    ("text", "parameter", "rest"),
    [
        ("php télétravail obligatoire", "teletravail", "php"),
        ("cdi uniquement php", "contrat", "php"),
        ("php à 20 km de lyon", "rayon", "php lyon"),
        ("php à 20 km de lyon", "ou", "php"),
        ("php lyon ou paris", "ou", "php"),
    ],
)
def test_removed_condition_leaves_no_small_words(text, parameter, rest):
    read = understand(text)
    assert read.without(read.of(parameter)) == rest


@pytest.mark.parametrize(
    ("text", "parameter", "values"),
    [
        ("php pas de stage", "contrat", {"cdi", "cdd", "freelance", "interim", "alternance"}),
        ("php sans freelance", "contrat", {"cdi", "cdd", "interim", "stage", "alternance"}),
        ("php SAUF les esn", "employeur", {"direct", "cabinet", "interim"}),
        ("php SAUF stage", "contrat", {"cdi", "cdd", "freelance", "interim", "alternance"}),
        ("php sauf esn", "employeur", {"direct", "cabinet", "interim"}),
        ("php pas junior", "experience", {"confirme", "expert"}),
        ("php not remote", "teletravail", {"0"}),
        ("php hors alternance", "contrat", {"cdi", "cdd", "freelance", "interim", "stage"}),
    ],
)
def test_negated_condition_leaves_the_other_values(text, parameter, values):
    read = understand(text)
    assert set(read.choices(parameter)) == values
    assert read.words == "php"


def test_negated_place_excludes_its_name():
    assert understand("php sauf lyon").words == 'php -"lyon"'
    assert understand("php pas à paris cdi").words == 'php -"paris"'
    assert understand("php sauf lyon").areas == []


def test_or_between_conditions_is_no_word():
    assert understand("développeur lyon OU paris java").words == "développeur java"
    assert understand("cdi OU cdd java").words == "java"


@pytest.mark.parametrize(
    "text",
    ["< 40k", "moins de 40k", "jusqu’à 50 k€", "max 45k", "45k max", "moins de 500 € par jour", "3500€ brut", "2000 €"],
)
def test_pay_that_is_a_maximum_or_too_small_is_told(text):
    read = understand(f"php {text}")
    assert (read.rejected, read.words, read.conditions) == ((text,), "php", ())


@pytest.mark.parametrize(
    ("text", "rate"), [("freelance python 450€", 450), ("python 500€ HT", 500), ("python 45 euros", None)]
)
def test_euros_beside_freelance_are_a_daily_rate(text, rate):
    assert understand(text).amount("tjm") == rate


@pytest.mark.parametrize(
    "text", ["stage 6 mois data", "cdd de 12 mois data", "alternance 1 an data", "stage 4-6 mois data"]
)
def test_length_of_a_contract_is_not_searched(text):
    read = understand(text)
    assert (read.words, [each.parameter for each in read.conditions]) == ("data", ["contrat"])


@pytest.mark.parametrize("text", ["autour de lyon", "près de lyon", "lyon et alentours", "php proche de lyon"])
def test_surroundings_of_a_place_are_20_km(text):
    assert understand(text).radius == 20
    assert understand("à lyon").radius is None


@pytest.mark.parametrize("text", ["tours", "nice", "laval", "vannes cdi", "valence"])
def test_name_alone_is_a_place(text):
    assert len(understand(text).areas) == 1


@pytest.mark.parametrize("text", ["offre d’emploi", "job", "emploi informatique", "jobs urgent"])
def test_words_about_the_search_alone_are_no_words(text):
    assert understand(text).words == ""


@pytest.mark.parametrize("text", ["php depuis 6 mois", "php 300 km lyon", "php depuis 2 mois"])
def test_values_beyond_the_filters_are_no_conditions(text):
    assert not {"depuis", "rayon"} & {each.parameter for each in understand(text).conditions}


@pytest.mark.parametrize(("text", "count"), [("20000 ajaccio", 1), ("2a corse du sud", 1), ("lyon 69 lyon", 1)])
def test_area_named_twice_is_one(text, count):
    assert len(understand(text).areas) == count


@pytest.mark.parametrize("department", Department)
def test_every_department_and_region_can_be_written(department):
    for area in (department, DEPARTMENT_REGION[department]):
        read = understand(f"php {area_text(area)}")
        named = read.areas[0].area
        assert named == area or str(named) == "Paris (75)"


@pytest.mark.parametrize(
    "text",
    [
        '"lyon"',
        "«\u00a0cdi\u00a0»",
        "php -lyon",
        "php -stage",
        'python "full remote"',
    ],
)
def test_quoted_and_excluded_words_are_no_conditions(text):
    assert conditions(text) == []
    assert understand(text).words == text


def test_alternatives_in_capitals_remain_between_words():
    read = understand("php OU java cdi")
    assert read.words == "php OU java"
    assert read.choices("contrat") == ["cdi"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("junior ou confirmé", ["debutant", "junior", "confirme"]),
        ("senior, 5 ans d’expérience", ["confirme"]),
        ("junior senior", ["debutant", "junior", "confirme", "expert"]),
    ],
)
def test_values_of_one_filter_add_up_or_are_all_required(text, values):
    assert sorted(understand(text).choices("experience")) == sorted(values)


@pytest.mark.parametrize(
    "text", ["", " ", "()", "-", "/", "«", '"', "a", "1", "69 ", "€", "\u00a0", "k", "📍", "ﬁ", "İ", "ß" * 100]
)
def test_every_text_can_be_read(text):
    read = understand(text)
    assert read.text == text[:100].strip()
    assert isinstance(read.words, str)


def test_letters_that_fold_to_several_keep_the_positions():
    text = "Œuvres sociales à Lyon"
    assert conditions(text) == [("ou", "à Lyon")]
    assert understand("développeur œnologie Nîmes 45k").words == "développeur œnologie"


def test_names_of_skills_and_employers_are_no_conditions():
    names = Names(
        build_thesaurus(skills=[(1, ["Remote Procedure Call"])]),
        employs=lambda words: words == expression("Toulouse Aérospatiale"),
    )
    assert conditions("remote procedure call", names) == []
    assert conditions("toulouse aérospatiale java", names) == []
    assert conditions("java toulouse", names) == [("ou", "toulouse")]


def test_names_of_places_are_words_if_a_place_is_chosen():
    read = understand("php lyon cdi", with_places=False)
    assert (read.words, read.areas, read.choices("contrat")) == ("php lyon", [], ["cdi"])


@pytest.mark.parametrize(
    ("text", "km"),
    [("php à 20 km de lyon", 20), ("lyon 35km", 50), ("php 20 km", None), ("dans un rayon de 5 km lyon", 10)],
)
def test_distance_needs_a_place(text, km):
    assert understand(text).amount("rayon") == km


@pytest.mark.parametrize("text", ["4000 net", "3000 € par mois", "15 €/h", "2 500 euros brut mensuel"])
def test_pay_that_no_filter_can_apply_is_told_and_not_searched(text):
    read = understand(f"php {text}")
    assert (read.rejected, read.words, read.conditions) == ((text,), "php", ())


@pytest.mark.parametrize(
    ("text", "salary"),
    [
        ("45k", 45_000),
        ("45 K€", 45_000),
        ("45.000€", 45_000),
        ("45 000 euros", 45_000),
        ("50-60k€", 50_000),
        ("entre 45 et 55k", 45_000),
        ("salaire 45", 45_000),
        ("300k", None),
        ("8k", None),
        ("52,5k", 52_500),
        ("45 euros", None),
        ("65k lignes", None),
        ("budget 100 k€", None),
    ],
)
def test_salaries(text, salary):
    assert understand(f"php {text}").amount("salaire") == salary


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("tjm 500", 500),
        ("500 €/jour", 500),
        ("550€/j", 550),
        ("500 par jour", 500),
        ("500 eur/day", 500),
        ("tjm 450-500", 450),
        ("niort 79 450€/j", 450),
        ("500 jours", None),
    ],
)
def test_daily_rates(text, rate):
    assert understand(f"php {text}").amount("tjm") == rate


def test_phrases_have_one_meaning_and_known_values():
    from offers.catalogue.parameters import PARAMETERS
    from offers.fields import CHOICE_FILTERS

    choices = {each.parameter: set(each.by_value) for each in CHOICE_FILTERS}
    names = {parameter.name for parameter in PARAMETERS}
    seen = set()
    for group in phrase_groups():
        assert group.parameter in names
        assert group.parameter == "depuis" or set(group.values) <= choices[group.parameter]
        assert seen.isdisjoint(group.phrases), seen & set(group.phrases)
        seen |= set(group.phrases)
