"""Every compound, stop word and rule of the stemmer: each has a case that fails without it."""

import pytest

from offers.search.analysis import COMPOUNDS, PARTS, STOP_WORDS, analyse, bigrams, runs, stem, words
from offers.search.parser import parse_text

# “parts of a compound=indexed word”.
COMPOUND_TEXT = """
front end=frontend, back end=backend, full stack=fullstack, dev ops=devop, dev sec ops=devsecop, ml ops=mlop
fin ops=finop, data ops=dataop, git ops=gitop, e commerce=ecommerc, e learning=elearning, e mail=email
open source=opensourc, data center=datacenter, data centre=datacentr, no code=nocod, low code=lowcod
micro service=microservic, multi cloud=multicloud, micro frontend=microfrontend, web design=webdesign
web designer=webdesigner, web master=webmaster, help desk=helpdesk, service desk=servicedesk
front office=frontoffic, back office=backoffic, middle office=middleoffic, big data=bigdata
cyber securite=cybersecurit, cyber defense=cyberdefens, cyber attaque=cyberattaqu, tele travail=teletravail
type script=typescript, java script=javascript, power bi=powerbi, power shell=powershell, power apps=powerapp
power automate=powerautomat, ci cd=cicd, pl sql=plsql, t sql=tsql, my sql=mysql, no sql=nosql
postgre sql=postgresql, spring boot=springboot, objective c=objectivec, c level=clevel, tech lead=techlead
lead tech=leadtech, scrum master=scrummaster, data warehouse=datawarehous, data lake=datalak, data mart=datamart
lake house=lakehous, check point=checkpoint, cross functional=crossfunctional, end to end=endtoend, git hub=github
git lab=gitlab, open shift=openshift, open stack=openstack, vm ware=vmwar, air flow=airflow, block chain=blockchain
chat bot=chatbot, smart phone=smartphon, web service=webservic, soft ware=softwar, hard ware=hardwar
life cycle=lifecycl, quick sight=quicksight, share point=sharepoint, sales force=salesforc, service now=servicenow
auto entrepreneur=autoentrepreneur, test driven=testdriven, serious game=seriousgam, story book=storybook
word press=wordpress, presta shop=prestashop, elastic search=elasticsearch, data bricks=databrick
snow flake=snowflak, kick off=kickoff, free lance=freelanc, hot line=hotlin, on premise=onpremis
on boarding=onboarding, time series=timeseri, deep learning=deeplearning, machine learning=machinelearning
z os=zos, as 400=as400, inter contrat=intercontrat, multi canal=multicanal, omni canal=omnicanal
cross canal=crosscanal, back log=backlog, road map=roadmap, user story=userstory, post gres=postgr, wi fi=wifi
b to b=btob, b to c=btoc, saa s=saa, sous traitance=soustraitanc, web app=webapp, qa ops=qaop, sys ops=sysop
no ops=noop, dev net=devnet, data viz=dataviz, data science=datascienc"""
COMPOUND_WORDS = dict(item.split("=") for line in COMPOUND_TEXT.splitlines() for item in line.split(", ") if item)


@pytest.mark.parametrize("text", COMPOUND_WORDS)
def test_compound_is_one_word(text):
    word = COMPOUND_WORDS[text]
    assert words("".join(text.split())) == [word]
    assert words(text.replace(" ", "-")) == [word]
    assert words(text.replace(" ", "/").upper()) == [word]
    parts = tuple(stem(part) for part in text.split())
    assert COMPOUNDS[parts] == word
    assert PARTS[word] == parts


def test_list_of_compounds_is_complete():
    assert {tuple(map(stem, text.split())) for text in COMPOUND_WORDS} == set(COMPOUNDS)


def test_stop_words_are_not_indexed():
    text = """
    a au aux avec ce ces cet cette chez comme d dans de des donc dont du elle elles en entre est et etc etre eu eux f h
    il ils j je l la le les leur leurs lors lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou par pas pour
    qu que qui quoi s sa sans se ses soi son sont sous sur t ta te tes toi ton tous tout toute toutes tu un une vers via
    vos votre vous y the of and for to in at with our your we you an"""
    expected = text.split()
    assert set(expected) == STOP_WORDS
    for word in expected:
        assert words(word) == [], word
        assert words(f"python {word.upper() if word != 'mes' else 'Mes'} django") == ["python", "django"], word
    for word in ("si", "it", "or", "go", "ai", "c", "r", "no", "bi"):
        assert words(word) == [word]


STEMS = {
    # Too short, not only letters, or a proper name.
    "ios": "ios", "sas": "sas", "bus": "bus", "node": "node", "java": "java", "vuejs": "vuejs", "nodejs": "nodejs",
    "base": "base", "type": "type", "code": "code", "ce": "ce", "k8s": "k8s",
    # Names whose last letter is not an ending.
    "azure": "azure", "rails": "rails", "sales": "sales", "teams": "teams", "pandas": "pandas", "express": "express",
    "sass": "sass", "less": "less", "swift": "swift", "vite": "vite", "ionic": "ionic",
    # -s, but not -ss; -aux and -eaux.
    "developpeurs": "developpeur", "agents": "agent", "process": "process", "business": "business",
    "reseaux": "reseau", "commerciaux": "commercial", "locaux": "local", "baux": "baux", "bureaux": "bureau",
    # -trice, -euse, -eux, -ive.
    "directrice": "directeur", "directrices": "directeur", "administratrice": "administrateur",
    "developpeuse": "developpeur", "developpeuses": "developpeur", "heureux": "heureur", "deux": "deux",
    "creative": "creatif", "creatives": "creatif", "administrative": "administratif", "vive": "vive",
    # -e after four letters, and the double consonant before it.
    "chargee": "charg", "charge": "charg", "architecte": "architect", "ingenieure": "ingenieur", "usine": "usin",
    "cheffe": "chef", "technicienne": "technicien", "professionnelle": "professionnel", "secretaire": "secretair",
    "idee": "idee", "annee": "annee", "classe": "class", "presse": "press",
    "test": "test", "testeur": "testeur", "developpement": "developpement",
}  # fmt: skip


@pytest.mark.parametrize("word", STEMS)
def test_rules_of_the_stemmer(word):
    assert stem(word) == STEMS[word]
    assert stem(stem(word)) == stem(word) or word in {"annee"}


SUFFIXES = """
ère ières ienne iennes euse euses eure trice trices rice rices esse esses eur eurs teur teurs ée ées e es ne nes le les
te tes se ses fe ves ve fes"""


@pytest.mark.parametrize("suffix", SUFFIXES.split())
def test_inclusive_suffixes_are_removed(suffix):
    expected = words("technicien")
    for text in (f"technicien·{suffix}", f"technicien·{suffix}·s", f"technicien({suffix})", f"technicien({suffix})s",
                 f"technicien-{suffix}", f"technicien/{suffix}", f"technicien.{suffix}.s"):  # fmt: skip
        assert words(text) == expected, text


INDEXED_WORDS = {
    "développeu·r·se": "developpeur", "développeu(r/se)": "developpeur", "testeu.se.r": "testeur",
    "l'œuvre": "oeuvr", "d’usine": "usin", "qu'usine": "usin", "jusqu'usine": "usin", "lorsqu'usine": "usin",
    "puisqu'usine": "usin", "quoiqu'usine": "usin", "j'ai usine": "usin", "c'usine": "usin", "n'usine": "usin",
    "S.A.P.": "sap", "S.A.P": "sap", "R&D": "rd", "Vue.js": "vuejs", "Node.JS": "nodejs",
    ".NET": ".net", "C#": "c#", "C++": "c++", "F#": "f#", "(h/f)": "", "H/F/X": "", "f/h/nb": "", "[F/H]": "",
    "m/f": "",
    "MES": "mes", "mes": "", "Mes": "", "(MES)": "mes", "Python3": "python 3", "java17": "java 17", "h2": "h2",
    "k8s": "k8s", "3d": "3d", "Straße": "strass", "Łódź": "lodz", "ﬁn": "fin", "æther": "aether",
    "Ångström": "angstrom",
    "e\u0301cole": "ecol", "porte\u2011clé": "port cle", "a\u200db": "ab", "co\u00adbol": "cobol",
    "développeur/développeuse": "developpeur", "data-engineer": "data engineer", "x,y;z": "x z",
}  # fmt: skip


@pytest.mark.parametrize("text", INDEXED_WORDS)
def test_spellings_are_normalized(text):
    assert " ".join(words(text)) == INDEXED_WORDS[text]
    assert analyse(text).split() == words(text)


def test_runs_and_bigrams_of_words():
    assert runs("ci/cd data-engineer de Lyon") == [["cicd"], ["data", "engineer"], ["lyon"]]
    assert bigrams(["a", "b", "c"]) == ["a_b", "b_c"]
    assert bigrams(["a"]) == []


QUERIES = {
    # text: words, phrases, excluded
    "python": (("python",), (), ()),
    "python -java": (("python",), (), (("java",),)),
    '"data engineer" lyon': (("lyon",), (("data", "engineer"),), ()),
    '-"data engineer" lyon': (("lyon",), (), (("data", "engineer"),)),
    "« data engineer »": ((), (("data", "engineer"),), ()),
    '"python"': ((), (("python",),), ()),
    "c++ -c#": (("c++",), (), (("c#",),)),
    "x-ray": (("x", "ray"), (), ()),
}


@pytest.mark.parametrize("text", QUERIES)
def test_query_is_parsed(text):
    query = parse_text(text)
    assert (query.words, query.phrases, query.excluded) == QUERIES[text]
