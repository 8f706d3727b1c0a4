"""Names after “de” and “à”."""

import pytest

from jobboard.text.elision import with_a, with_de


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lyon", "de Lyon"),
        ("Aulnay", "d’Aulnay"),
        ("aulnay", "d’aulnay"),
        ("Évry-Courcouronnes", "d’Évry-Courcouronnes"),
        ("Œuilly", "d’Œuilly"),
        ("Île-de-Bréhat", "d’Île-de-Bréhat"),
        ("Hyères", "d’Hyères"),
        ("Hénin-Beaumont", "d’Hénin-Beaumont"),
        ("Halluin", "de Halluin"),
        ("Houilles", "de Houilles"),
        ("Yvetot", "d’Yvetot"),
        ("Y", "d’Y"),
        ("Yutz", "de Yutz"),
        ("Ouistreham", "de Ouistreham"),
        ("Oullins-Pierre-Bénite", "d’Oullins-Pierre-Bénite"),
        ("Le Havre", "du Havre"),
        ("le havre", "du havre"),
        ("Les Sables-d’Olonne", "des Sables-d’Olonne"),
        ("La Rochelle", "de La Rochelle"),
        ("L’Haÿ-les-Roses", "de L’Haÿ-les-Roses"),
        ("L'Haÿ-les-Roses", "de L'Haÿ-les-Roses"),
        ("Lens", "de Lens"),
        ("Lesquin", "de Lesquin"),
        ("Le Havre (76)", "du Havre (76)"),
        ("", "de "),
    ],
)
def test_place_after_de(name, expected):
    assert with_de(name, is_place=True) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Acme", "d’Acme"),
        ("eBay", "d’eBay"),
        ("Hermès", "de Hermès"),
        ("Yahoo", "de Yahoo"),
        ("1001 Idées", "de 1001 Idées"),
        ("« Atelier »", "de « Atelier »"),
        ("Le Comptoir", "de Le Comptoir"),
        ("Les Échos", "de Les Échos"),
        ("OuiCar", "de OuiCar"),
    ],
)
def test_name_after_de_keeps_its_article(name, expected):
    assert with_de(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lyon", "à Lyon"),
        ("Aulnay", "à Aulnay"),
        ("Le Havre (76)", "au Havre (76)"),
        ("Les Abymes (971)", "aux Abymes (971)"),
        ("La Rochelle (17)", "à La Rochelle (17)"),
        ("L’Haÿ-les-Roses (94)", "à L’Haÿ-les-Roses (94)"),
    ],
)
def test_place_after_a(name, expected):
    assert with_a(name) == expected
