"""The commune of an offer: a certain one is stored, an uncertain one is asked for."""

import pytest
from django.test import Client

from offers.places.gazetteer import gazetteer
from offers.places.models import Place
from tests.factories import GRENOBLE, make_offer, make_place
from tests.posting.forms import DESCRIPTION, form_errors, make_draft, post_edit_form, post_step, step_url

pytestmark = pytest.mark.django_db
STEP = "conditions"


@pytest.fixture(autouse=True)
def places(db):
    rows = [
        ("97411", "Saint-Denis", "974", "04", 155_634, ["97400"]),
        ("93066", "Saint-Denis", "93", "11", 149_077, ["93200"]),
        ("41206", "Saint-Ouen", "41", "24", 3_300, ["41100"]),
        ("93070", "Saint-Ouen-sur-Seine", "93", "11", 53_615, ["93400"]),
        ("49178", "Loiré", "49", "52", 900, ["49440"]),
        ("59350", "Lille", "59", "32", 238_000, ["59000"]),
        ("50129", "Cherbourg-en-Cotentin", "50", "28", 78_000, ["50100"]),
        ("92026", "Courbevoie", "92", "11", 82_000, ["92400"]),
        ("92062", "Puteaux", "92", "11", 44_000, ["92800"]),
        *((f"112{n:02}", f"Commune {chr(65 + n)}", "11", "76", 500 - n, ["11200"]) for n in range(12)),
    ]
    for insee_code, name, department, region, population, codes in rows:
        make_place(
            insee_code=insee_code,
            name=name,
            department=department,
            region=region,
            population=population,
            postal_codes=codes,
        )


@pytest.fixture
def offer(company, member):
    return make_draft(company, place=make_place())


def options(response) -> list[str]:
    return [value for value, _ in response.context["form"].fields["which_place"].choices if value]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("Saint-Denis", ["97411", "93066"]),
        ("saint denis", ["97411", "93066"]),
        ("Saint-Ouen", ["93070", "41206"]),
        ("La Défense", ["92026", "92062"]),
        ("Commune", [f"112{n:02}" for n in range(6)]),
        ("11200", [f"112{n:02}" for n in range(12)]),
    ],
)
def test_ambiguous_commune_is_a_question(client, offer, text, choices):
    response = post_step(client, step_url(offer, STEP), place=text)
    page = response.content.decode()
    assert options(response) == choices
    assert "peut désigner plusieurs communes" in form_errors(response)["which_place"]
    assert f'value="{text}"' in page, "what was typed stays"
    offer.refresh_from_db()
    assert str(offer.place) == "Lyon (69)"

    response = post_step(client, step_url(offer, STEP), place=text, which_place=choices[-1])
    assert response.status_code == 302
    offer.refresh_from_db()
    assert offer.place.insee_code == choices[-1]
    # The label of the stored commune is certain: saving the step again asks nothing.
    assert post_step(client, step_url(offer, STEP)).status_code == 302


@pytest.mark.parametrize("text", ["Lille, Grenoble", "Lille / Grenoble", "Lille et Grenoble", "Lille Grenoble"])
def test_several_places_are_a_question(client, offer, text):
    grenoble = make_place(**GRENOBLE).insee_code
    response = post_step(client, step_url(offer, STEP), place=text)
    assert options(response) == ["59350", grenoble]
    assert "nomme plusieurs lieux\u00a0: une offre n’en a qu’un" in form_errors(response)["which_place"]
    assert post_step(client, step_url(offer, STEP), place=text, which_place=grenoble).status_code == 302
    offer.refresh_from_db()
    assert str(offer.place) == "Grenoble (38)"


def test_commune_with_the_name_of_a_territory_is_a_question_with_one_choice(client, offer):
    response = post_step(client, step_url(offer, STEP), place="Loire")
    assert options(response) == ["49178"]
    assert "désigne aussi un territoire plus grand" in form_errors(response)["which_place"]
    page = response.content.decode()
    assert "Est-ce cette commune\u00a0?" in page
    assert "plusieurs communes" not in page
    assert post_step(client, step_url(offer, STEP), place="Loire", which_place="49178").status_code == 302
    offer.refresh_from_db()
    assert str(offer.place) == "Loiré (49)"


@pytest.mark.parametrize(("text", "answer"), [("Saint-Denis", {"which_place": "93066"}), ("Lille", {})])
def test_commune_that_was_deleted_meanwhile_is_an_error_of_the_field(client, offer, text, answer):
    """The communes in the memory of a process are older than the table until the change log is followed."""
    # A client that does not follow the log.
    browser = Client()
    browser.cookies = client.cookies
    gazetteer()
    Place.objects.filter(insee_code__in=("93066", "59350")).delete()
    response = post_step(browser, step_url(offer, STEP), place=text, **answer)
    assert response.status_code == 200
    assert "Cette commune n’existe plus" in form_errors(response)["place"]
    assert f'value="{text}"' in response.content.decode()
    offer.refresh_from_db()
    assert str(offer.place) == "Lyon (69)"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Lille", "Lille (59)"),
        ("Lomme", "Lille (59)"),
        ("Cherbourg", "Cherbourg-en-Cotentin (50)"),
        ("Saint-Denis (93)", "Saint-Denis (93)"),
        ("saint denis 93", "Saint-Denis (93)"),
        ("93200 Saint-Denis", "Saint-Denis (93)"),
        ("97400", "Saint-Denis (974)"),
        ("Lille, Hauts-de-France, France", "Lille (59)"),
    ],
)
def test_certain_commune_is_stored(client, offer, text, stored):
    assert post_step(client, step_url(offer, STEP), place=text).status_code == 302
    offer.refresh_from_db()
    assert str(offer.place) == stored


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Alsace", "n’est pas une commune"),
        ("France", "n’est pas une commune"),
        ("Bretagne, Normandie", "nomme plusieurs lieux"),
        ("Bruxelles", "est hors de France"),
        ("Nulle-Part", "n’est pas dans nos communes"),
        ("télétravail", "laissez ce champ vide"),
    ],
)
def test_text_without_a_commune_is_refused(client, offer, text, message):
    response = post_step(client, step_url(offer, STEP), place=text)
    assert message in form_errors(response)["place"]
    assert f'value="{text}"' in response.content.decode()


def test_answer_to_an_older_question_is_asked_again(client, offer):
    """The recruiter changes the text without a new answer."""
    response = post_step(client, step_url(offer, STEP), place="Saint-Ouen", which_place="97411")
    assert "Saint-Ouen" in form_errors(response)["which_place"]
    assert post_step(client, step_url(offer, STEP), place="Lille", which_place="97411").status_code == 302
    offer.refresh_from_db()
    assert str(offer.place) == "Lille (59)"


def test_few_choices_are_radio_buttons_and_many_a_list(client, offer):
    few = post_step(client, step_url(offer, STEP), place="Saint-Denis").content.decode()
    assert 'type="radio" name="which_place" value="93066"' in few
    assert "Seine-Saint-Denis" in few
    assert '<select name="which_place"' in post_step(client, step_url(offer, STEP), place="11200").content.decode()


def test_stale_step_with_an_answer_is_compared(client, offer):
    page = client.get(step_url(offer, STEP))
    data = {bound.html_name: bound.value() for bound in page.context["form"] if bound.value() not in (None, False)}
    post_step(client, step_url(offer, STEP), place="Lille")
    response = client.post(step_url(offer, STEP), {**data, "place": "Saint-Denis", "which_place": "93066"})
    assert "Lille (59)" in response.content.decode()
    offer.refresh_from_db()
    assert str(offer.place) == "Lille (59)"


def test_published_offer_is_asked_too(client, company, member):
    offer = make_offer(company=company, title="Développeur", description=DESCRIPTION, pay_min=45_000, pay_max=55_000)
    response = post_edit_form(client, offer, place="Saint-Denis")
    assert 'name="which_place"' in response.content.decode()
    offer.refresh_from_db()
    assert str(offer.place) == "Lyon (69)"
    assert not offer.revisions.exists()
    response = post_edit_form(client, offer, place="Saint-Denis", which_place="93066")
    assert response.status_code == 302
    assert offer.revisions.get().changes["place"]
