"""The shipped profile of the CTO contains every required fact."""

import html
import io
import re

import pytest
from django.core.management import call_command

# The phrases that the page contains, by fact.
FACTS = {
    "name": ["CTO", "Chief Technology Officer", "directeur technique", "directrice technique"],
    "also heard": ["Chief Technical Officer", "directeur des nouvelles technologies"],
    "median": ["Salaire médian 93 K€ brut par an", "Bac +5"],
    "one sentence": ["innovation technique et technologique", "vision technologique du produit", "défis à venir"],
    "runs activities": ["activités et des moyens techniques", "appui des projets de production"],
    "three trades": ["Tous les services techniques", "l’administration, la technique et la gestion"],
    "interface": ["interlocuteur permanent entre la direction générale et les autres services"],
    "strategy": ["traduire la stratégie industrielle", "chacun des sites de production", "difficile"],
    "differ": ["Les missions varient selon le type d’entreprise"],
    "mission 1": ["Définir la stratégie du produit et du logiciel"],
    "mission 2": ["Diriger les équipes de développement, internes et externes (prestataires)"],
    "mission 3": ["mises en production : recette, documentation technique, gestion des versions"],
    "mission 4": ["veille technologique"],
    "mission 5": ["besoins en matériel et en personnel", "recrutement"],
    "mission 6": ["salons professionnels"],
    "production": ["adaptant la stratégie industrielle aux sites", "de la conception du produit à la livraison finale"],
    "upkeep": ["opérationnels, les personnes comme le matériel"],
    "studies": ["projets que propose la direction générale", "études de faisabilité"],
    "analysis": ["ses indicateurs", "rapports et des recommandations techniques", "décider des améliorations"],
    "teams": ["développement compris", "ressources humaines", "coordonne tous les services de production", "efficace"],
    "watch": ["comprendre le marché et la direction qu’il prend"],
    "skills": [
        "volet technique et le volet budgétaire",
        "savoir-faire technique de l’employeur",
        "haute responsabilité",
    ],
    "culture": ["culture générale de l’informatique", "développement web avant tout", "secteur de l’employeur"],
    "tools": ["bureautique", "progiciels", "outils de gestion", "systèmes d’information"],
    "skill 1": ["Capacités avancées de management"],
    "skill 2": ["Solide connaissance des technologies de programmation"],
    "skill 3": ["Gestion de projet, un atout"],
    "skill 4": ["Anglais courant, écrit, lu et parlé"],
    "soft skills": ["Adaptabilité, aux personnes comme aux technologies", "Pédagogie", "curiosité intellectuelle"],
    "soft skills, end": ["Esprit de synthèse", "expliquer la technique avec des mots simples"],
    "training list": ["master en ingénierie informatique", "Bac +8", "doctorat en informatique ou en mathématiques"],
    "training": ["école d’ingénieurs", "université", "physique et mathématiques appliquées", "gestion et en droit"],
    "never beginners": ["innovation permanente", "larges responsabilités", "jamais confié à des débutants"],
    "years": ["au moins six à dix ans de management et de gestion de projet", "domaine voisin", "6 à 10 ans"],
    "evolution": ["même poste dans une autre entreprise", "(DSI)", "direction générale", "expertise technique de haut"],
    "confirmed": ["Confirmé, 4 à 8 ans", "75 – 95", "60 – 80", "60 – 65"],
    "expert": ["Expert, plus de 8 ans", "100 – 140", "75 – 95", "70 – 75"],
    "zones": ["Paris", "Grandes villes", "Régions"],
    "sectors": ["Éditeurs de logiciels", "recherche et développement (R&D)", "E-commerce", "médias", "logiciel"],
    "sectors, end": ["agences digitales", "ESN (entreprises de services du numérique)"],
    "titles": ["CTO est le plus courant", "directeur technologique", "directeur informatique"],
    "titles, end": ["responsable informatique", "responsable de production"],
    "question 1": ["Quelle différence entre un directeur technique (CTO) et un DSI ?", "Deux postes, deux objectifs"],
    "CTO": ["au jour le jour", "conforme", "niveau d’innovation", "nombreux domaines", "réactivité", "sens tactique"],
    "DSI": ["tourné vers l’extérieur", "échanges avec les collègues", "s’adapter à leurs besoins"],
    "question 2": ["Avec qui un CTO travaille-t-il ?", "service des systèmes d’information", "l’équipe technique"],
    "question 2, end": ["finance, ressources humaines", "service commercial"],
    "question 3": [
        "Quels métiers mènent au poste de CTO ?",
        "consultante technique",
        "de projet",
        "architecte technique",
    ],
    "question 4": ["se prête-t-il au télétravail ?", "l’organisation de l’employeur, les préférences et le contexte"],
    "patterns": ["choix est personnel", "Tout sur site", "grande équipe", "projets complexes"],
    "patterns, end": ["Télétravail régulier", "souplesse", "sollicitations du bureau", "Hybride", "avantages des deux"],
    "question 5": ["À quoi ressemble une journée type ?", "ne se ressemblent pas", "déplacements"],
    "8 h": ["8 h ou 8 h 30", "à distance ou au bureau", "planification des tâches et des réunions", "messages"],
    "10 h": ["10 h", "projets en cours, avancement, problèmes", "propres tâches en parallèle"],
    "11 h": ["11 h", "délais, analyse des résultats"],
    "12 h 30": ["12 h 30", "Déjeuner"],
    "13 h": ["13 h ou 13 h 30", "Travail stratégique", "innovation", "occasions du marché", "objectifs"],
    "15 h": ["15 h ou 15 h 30", "Réunions", "suivre les équipes sur leurs projets"],
    "17 h": ["17 h", "problèmes en suspens", "anticipation", "délégation pour que les projets avancent"],
    "recruiters": ["Vous recrutez ?", "dès que possible", "Honoraires au succès", "Consultants spécialisés"],
}


@pytest.fixture
def content(client, db):
    call_command("load_roles", stdout=io.StringIO())
    return client.get("/metiers/cto/").content.decode()


def page_text(content: str) -> str:
    """Return the text of the page without tags, with all white space as single spaces."""
    content = re.sub(r"<sup>.*?</sup>", "", content)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content))).replace(" ,", ",").replace("( ", "(")


def test_every_fact_is_on_the_page(content):
    page = page_text(content)
    missing = {fact: [phrase for phrase in phrases if phrase not in page] for fact, phrases in FACTS.items()}
    assert not {fact: phrases for fact, phrases in missing.items() if phrases}


def test_salary_grid_has_each_figure_in_its_cell(content):
    rows = page_text(content.split('<table id="grille">')[1].split("</table>")[0])
    assert "Expérience Paris Grandes villes Régions" in rows
    assert "Confirmé, 4 à 8 ans 75 – 95 60 – 80 60 – 65" in rows
    assert "Expert, plus de 8 ans 100 – 140 75 – 95 70 – 75" in rows


def test_lists_and_day_have_the_required_lengths(content):
    def count(anchor):
        return content.split(f'<section id="{anchor}"')[1].split("</ul>")[0].count("<li>")

    assert [count(anchor) for anchor in ("missions", "competences", "qualites", "formation")] == [6, 4, 5, 2]
    assert [count(anchor) for anchor in ("evolution", "secteurs")] == [4, 2]
    assert content.count("<summary>") == 5
    day = content.split('<dl class="day">')[1].split("</dl>")[0]
    assert re.findall(r"<dt>(.*?)</dt>", day.replace("\u00a0", " ")) == [
        *("8 h ou 8 h 30", "10 h", "11 h", "12 h 30", "13 h ou 13 h 30", "15 h ou 15 h 30", "17 h"),
    ]
    assert content.split('<ul class="patterns">')[1].split("</ul>")[0].count("<li>") == 3


def test_page_has_french_typography(content):
    main_text = html.unescape(re.sub(r"<[^>]+>", "", content.split("<main")[1].split("</main>")[0]))
    assert not re.findall(r".{12}\w'\w", main_text), "straight apostrophes"
    assert not re.findall(r".{12} [:;?!»](?:\s|$)", main_text)
    assert not re.findall(r"« .{12}", main_text)
    assert not re.findall(r".{6}\d (?:K€|€|h\b|ans\b|mois\b)", main_text)
