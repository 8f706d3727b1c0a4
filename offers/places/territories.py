"""Regions and departments of France by official code (INSEE, Code officiel géographique 2026).

They are constants because only a law changes them; communes, which change every January, are in the database.
"""

from django.db import models


class Region(models.TextChoices):
    AUVERGNE_RHONE_ALPES = "84", "Auvergne-Rhône-Alpes"
    BOURGOGNE_FRANCHE_COMTE = "27", "Bourgogne-Franche-Comté"
    BRETAGNE = "53", "Bretagne"
    CENTRE_VAL_DE_LOIRE = "24", "Centre-Val de Loire"
    CORSE = "94", "Corse"
    GRAND_EST = "44", "Grand Est"
    GUADELOUPE = "01", "Guadeloupe"
    GUYANE = "03", "Guyane"
    HAUTS_DE_FRANCE = "32", "Hauts-de-France"
    ILE_DE_FRANCE = "11", "Île-de-France"
    LA_REUNION = "04", "La Réunion"
    MARTINIQUE = "02", "Martinique"
    MAYOTTE = "06", "Mayotte"
    NORMANDIE = "28", "Normandie"
    NOUVELLE_AQUITAINE = "75", "Nouvelle-Aquitaine"
    OCCITANIE = "76", "Occitanie"
    PAYS_DE_LA_LOIRE = "52", "Pays de la Loire"
    PROVENCE_ALPES_COTE_D_AZUR = "93", "Provence-Alpes-Côte d’Azur"

    @property
    def departments(self) -> frozenset[str]:
        return frozenset(code for code, region in DEPARTMENT_REGION.items() if region == self)


class Department(models.TextChoices):
    AIN = "01", "Ain"
    AISNE = "02", "Aisne"
    ALLIER = "03", "Allier"
    ALPES_DE_HAUTE_PROVENCE = "04", "Alpes-de-Haute-Provence"
    HAUTES_ALPES = "05", "Hautes-Alpes"
    ALPES_MARITIMES = "06", "Alpes-Maritimes"
    ARDECHE = "07", "Ardèche"
    ARDENNES = "08", "Ardennes"
    ARIEGE = "09", "Ariège"
    AUBE = "10", "Aube"
    AUDE = "11", "Aude"
    AVEYRON = "12", "Aveyron"
    BOUCHES_DU_RHONE = "13", "Bouches-du-Rhône"
    CALVADOS = "14", "Calvados"
    CANTAL = "15", "Cantal"
    CHARENTE = "16", "Charente"
    CHARENTE_MARITIME = "17", "Charente-Maritime"
    CHER = "18", "Cher"
    CORREZE = "19", "Corrèze"
    COTE_D_OR = "21", "Côte-d’Or"
    COTES_D_ARMOR = "22", "Côtes-d’Armor"
    CREUSE = "23", "Creuse"
    DORDOGNE = "24", "Dordogne"
    DOUBS = "25", "Doubs"
    DROME = "26", "Drôme"
    EURE = "27", "Eure"
    EURE_ET_LOIR = "28", "Eure-et-Loir"
    FINISTERE = "29", "Finistère"
    CORSE_DU_SUD = "2A", "Corse-du-Sud"
    HAUTE_CORSE = "2B", "Haute-Corse"
    GARD = "30", "Gard"
    HAUTE_GARONNE = "31", "Haute-Garonne"
    GERS = "32", "Gers"
    GIRONDE = "33", "Gironde"
    HERAULT = "34", "Hérault"
    ILLE_ET_VILAINE = "35", "Ille-et-Vilaine"
    INDRE = "36", "Indre"
    INDRE_ET_LOIRE = "37", "Indre-et-Loire"
    ISERE = "38", "Isère"
    JURA = "39", "Jura"
    LANDES = "40", "Landes"
    LOIR_ET_CHER = "41", "Loir-et-Cher"
    LOIRE = "42", "Loire"
    HAUTE_LOIRE = "43", "Haute-Loire"
    LOIRE_ATLANTIQUE = "44", "Loire-Atlantique"
    LOIRET = "45", "Loiret"
    LOT = "46", "Lot"
    LOT_ET_GARONNE = "47", "Lot-et-Garonne"
    LOZERE = "48", "Lozère"
    MAINE_ET_LOIRE = "49", "Maine-et-Loire"
    MANCHE = "50", "Manche"
    MARNE = "51", "Marne"
    HAUTE_MARNE = "52", "Haute-Marne"
    MAYENNE = "53", "Mayenne"
    MEURTHE_ET_MOSELLE = "54", "Meurthe-et-Moselle"
    MEUSE = "55", "Meuse"
    MORBIHAN = "56", "Morbihan"
    MOSELLE = "57", "Moselle"
    NIEVRE = "58", "Nièvre"
    NORD = "59", "Nord"
    OISE = "60", "Oise"
    ORNE = "61", "Orne"
    PAS_DE_CALAIS = "62", "Pas-de-Calais"
    PUY_DE_DOME = "63", "Puy-de-Dôme"
    PYRENEES_ATLANTIQUES = "64", "Pyrénées-Atlantiques"
    HAUTES_PYRENEES = "65", "Hautes-Pyrénées"
    PYRENEES_ORIENTALES = "66", "Pyrénées-Orientales"
    BAS_RHIN = "67", "Bas-Rhin"
    HAUT_RHIN = "68", "Haut-Rhin"
    RHONE = "69", "Rhône"
    HAUTE_SAONE = "70", "Haute-Saône"
    SAONE_ET_LOIRE = "71", "Saône-et-Loire"
    SARTHE = "72", "Sarthe"
    SAVOIE = "73", "Savoie"
    HAUTE_SAVOIE = "74", "Haute-Savoie"
    PARIS = "75", "Paris"
    SEINE_MARITIME = "76", "Seine-Maritime"
    SEINE_ET_MARNE = "77", "Seine-et-Marne"
    YVELINES = "78", "Yvelines"
    DEUX_SEVRES = "79", "Deux-Sèvres"
    SOMME = "80", "Somme"
    TARN = "81", "Tarn"
    TARN_ET_GARONNE = "82", "Tarn-et-Garonne"
    VAR = "83", "Var"
    VAUCLUSE = "84", "Vaucluse"
    VENDEE = "85", "Vendée"
    VIENNE = "86", "Vienne"
    HAUTE_VIENNE = "87", "Haute-Vienne"
    VOSGES = "88", "Vosges"
    YONNE = "89", "Yonne"
    TERRITOIRE_DE_BELFORT = "90", "Territoire de Belfort"
    ESSONNE = "91", "Essonne"
    HAUTS_DE_SEINE = "92", "Hauts-de-Seine"
    SEINE_SAINT_DENIS = "93", "Seine-Saint-Denis"
    VAL_DE_MARNE = "94", "Val-de-Marne"
    VAL_D_OISE = "95", "Val-d’Oise"
    GUADELOUPE = "971", "Guadeloupe"
    MARTINIQUE = "972", "Martinique"
    GUYANE = "973", "Guyane"
    LA_REUNION = "974", "La Réunion"
    MAYOTTE = "976", "Mayotte"


# The region of each department.
DEPARTMENT_REGION: dict[str, str] = {
    Department.AIN: Region.AUVERGNE_RHONE_ALPES,
    Department.AISNE: Region.HAUTS_DE_FRANCE,
    Department.ALLIER: Region.AUVERGNE_RHONE_ALPES,
    Department.ALPES_DE_HAUTE_PROVENCE: Region.PROVENCE_ALPES_COTE_D_AZUR,
    Department.HAUTES_ALPES: Region.PROVENCE_ALPES_COTE_D_AZUR,
    Department.ALPES_MARITIMES: Region.PROVENCE_ALPES_COTE_D_AZUR,
    Department.ARDECHE: Region.AUVERGNE_RHONE_ALPES,
    Department.ARDENNES: Region.GRAND_EST,
    Department.ARIEGE: Region.OCCITANIE,
    Department.AUBE: Region.GRAND_EST,
    Department.AUDE: Region.OCCITANIE,
    Department.AVEYRON: Region.OCCITANIE,
    Department.BOUCHES_DU_RHONE: Region.PROVENCE_ALPES_COTE_D_AZUR,
    Department.CALVADOS: Region.NORMANDIE,
    Department.CANTAL: Region.AUVERGNE_RHONE_ALPES,
    Department.CHARENTE: Region.NOUVELLE_AQUITAINE,
    Department.CHARENTE_MARITIME: Region.NOUVELLE_AQUITAINE,
    Department.CHER: Region.CENTRE_VAL_DE_LOIRE,
    Department.CORREZE: Region.NOUVELLE_AQUITAINE,
    Department.COTE_D_OR: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.COTES_D_ARMOR: Region.BRETAGNE,
    Department.CREUSE: Region.NOUVELLE_AQUITAINE,
    Department.DORDOGNE: Region.NOUVELLE_AQUITAINE,
    Department.DOUBS: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.DROME: Region.AUVERGNE_RHONE_ALPES,
    Department.EURE: Region.NORMANDIE,
    Department.EURE_ET_LOIR: Region.CENTRE_VAL_DE_LOIRE,
    Department.FINISTERE: Region.BRETAGNE,
    Department.CORSE_DU_SUD: Region.CORSE,
    Department.HAUTE_CORSE: Region.CORSE,
    Department.GARD: Region.OCCITANIE,
    Department.HAUTE_GARONNE: Region.OCCITANIE,
    Department.GERS: Region.OCCITANIE,
    Department.GIRONDE: Region.NOUVELLE_AQUITAINE,
    Department.HERAULT: Region.OCCITANIE,
    Department.ILLE_ET_VILAINE: Region.BRETAGNE,
    Department.INDRE: Region.CENTRE_VAL_DE_LOIRE,
    Department.INDRE_ET_LOIRE: Region.CENTRE_VAL_DE_LOIRE,
    Department.ISERE: Region.AUVERGNE_RHONE_ALPES,
    Department.JURA: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.LANDES: Region.NOUVELLE_AQUITAINE,
    Department.LOIR_ET_CHER: Region.CENTRE_VAL_DE_LOIRE,
    Department.LOIRE: Region.AUVERGNE_RHONE_ALPES,
    Department.HAUTE_LOIRE: Region.AUVERGNE_RHONE_ALPES,
    Department.LOIRE_ATLANTIQUE: Region.PAYS_DE_LA_LOIRE,
    Department.LOIRET: Region.CENTRE_VAL_DE_LOIRE,
    Department.LOT: Region.OCCITANIE,
    Department.LOT_ET_GARONNE: Region.NOUVELLE_AQUITAINE,
    Department.LOZERE: Region.OCCITANIE,
    Department.MAINE_ET_LOIRE: Region.PAYS_DE_LA_LOIRE,
    Department.MANCHE: Region.NORMANDIE,
    Department.MARNE: Region.GRAND_EST,
    Department.HAUTE_MARNE: Region.GRAND_EST,
    Department.MAYENNE: Region.PAYS_DE_LA_LOIRE,
    Department.MEURTHE_ET_MOSELLE: Region.GRAND_EST,
    Department.MEUSE: Region.GRAND_EST,
    Department.MORBIHAN: Region.BRETAGNE,
    Department.MOSELLE: Region.GRAND_EST,
    Department.NIEVRE: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.NORD: Region.HAUTS_DE_FRANCE,
    Department.OISE: Region.HAUTS_DE_FRANCE,
    Department.ORNE: Region.NORMANDIE,
    Department.PAS_DE_CALAIS: Region.HAUTS_DE_FRANCE,
    Department.PUY_DE_DOME: Region.AUVERGNE_RHONE_ALPES,
    Department.PYRENEES_ATLANTIQUES: Region.NOUVELLE_AQUITAINE,
    Department.HAUTES_PYRENEES: Region.OCCITANIE,
    Department.PYRENEES_ORIENTALES: Region.OCCITANIE,
    Department.BAS_RHIN: Region.GRAND_EST,
    Department.HAUT_RHIN: Region.GRAND_EST,
    Department.RHONE: Region.AUVERGNE_RHONE_ALPES,
    Department.HAUTE_SAONE: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.SAONE_ET_LOIRE: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.SARTHE: Region.PAYS_DE_LA_LOIRE,
    Department.SAVOIE: Region.AUVERGNE_RHONE_ALPES,
    Department.HAUTE_SAVOIE: Region.AUVERGNE_RHONE_ALPES,
    Department.PARIS: Region.ILE_DE_FRANCE,
    Department.SEINE_MARITIME: Region.NORMANDIE,
    Department.SEINE_ET_MARNE: Region.ILE_DE_FRANCE,
    Department.YVELINES: Region.ILE_DE_FRANCE,
    Department.DEUX_SEVRES: Region.NOUVELLE_AQUITAINE,
    Department.SOMME: Region.HAUTS_DE_FRANCE,
    Department.TARN: Region.OCCITANIE,
    Department.TARN_ET_GARONNE: Region.OCCITANIE,
    Department.VAR: Region.PROVENCE_ALPES_COTE_D_AZUR,
    Department.VAUCLUSE: Region.PROVENCE_ALPES_COTE_D_AZUR,
    Department.VENDEE: Region.PAYS_DE_LA_LOIRE,
    Department.VIENNE: Region.NOUVELLE_AQUITAINE,
    Department.HAUTE_VIENNE: Region.NOUVELLE_AQUITAINE,
    Department.VOSGES: Region.GRAND_EST,
    Department.YONNE: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.TERRITOIRE_DE_BELFORT: Region.BOURGOGNE_FRANCHE_COMTE,
    Department.ESSONNE: Region.ILE_DE_FRANCE,
    Department.HAUTS_DE_SEINE: Region.ILE_DE_FRANCE,
    Department.SEINE_SAINT_DENIS: Region.ILE_DE_FRANCE,
    Department.VAL_DE_MARNE: Region.ILE_DE_FRANCE,
    Department.VAL_D_OISE: Region.ILE_DE_FRANCE,
    Department.GUADELOUPE: Region.GUADELOUPE,
    Department.MARTINIQUE: Region.MARTINIQUE,
    Department.GUYANE: Region.GUYANE,
    Department.LA_REUNION: Region.LA_REUNION,
    Department.MAYOTTE: Region.MAYOTTE,
}

# Other names of regions: short ones, those of 2015 that were replaced in 2016, and those of job boards.
REGION_ALIASES: dict[str, str] = {
    # The department code of Corsica until 1976, and still the beginning of its postal codes.
    "20": Region.CORSE,
    "alsace champagne ardenne lorraine": Region.GRAND_EST,
    "aquitaine limousin poitou charentes": Region.NOUVELLE_AQUITAINE,
    "ara": Region.AUVERGNE_RHONE_ALPES,
    "aura": Region.AUVERGNE_RHONE_ALPES,
    "bfc": Region.BOURGOGNE_FRANCHE_COMTE,
    "brittany": Region.BRETAGNE,
    "centre": Region.CENTRE_VAL_DE_LOIRE,
    "greater paris metropolitan region": Region.ILE_DE_FRANCE,
    "corsica": Region.CORSE,
    "hdf": Region.HAUTS_DE_FRANCE,
    "i d f": Region.ILE_DE_FRANCE,
    "i.d.f": Region.ILE_DE_FRANCE,
    "idf": Region.ILE_DE_FRANCE,
    "ile de la reunion": Region.LA_REUNION,
    "ile de fr": Region.ILE_DE_FRANCE,
    "iledefrance": Region.ILE_DE_FRANCE,
    "languedoc roussillon midi pyrenees": Region.OCCITANIE,
    "nord pas de calais picardie": Region.HAUTS_DE_FRANCE,
    "normandy": Region.NORMANDIE,
    "paca": Region.PROVENCE_ALPES_COTE_D_AZUR,
    "paris et ile de france": Region.ILE_DE_FRANCE,
    "paris et region parisienne": Region.ILE_DE_FRANCE,
    "paris idf": Region.ILE_DE_FRANCE,
    "pdl": Region.PAYS_DE_LA_LOIRE,
    "region parisienne": Region.ILE_DE_FRANCE,
    "region sud": Region.PROVENCE_ALPES_COTE_D_AZUR,
    "rp": Region.ILE_DE_FRANCE,
    "reunion": Region.LA_REUNION,
}
