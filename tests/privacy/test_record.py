"""The record of processing activities (GDPR, article 30): in the admin, and as a file."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from jobboard.privacy import processing, registry
from jobboard.privacy.registry import format_period
from tests.admin.staff import make_group_member, make_staff, make_superuser

pytestmark = pytest.mark.django_db
URL = reverse("admin:privacy_record")
CSV_URL = reverse("admin:privacy_record_csv")
IDENTITY = {
    "publisher": "Exemple SAS",
    "address": "1 rue d’Exemple\n69001 Lyon",
    "email": "contact@exemple.example",
    "phone": "",
    "publication_director": "Camille Durand",
    "host": "Hébergeur Exemple, 2 rue du Port, Nantes",
    "dpo": "Anne Martin, dpo@exemple.example",
    "mail_provider": "Courrier Exemple",
    "transfers": "Sauvegardes au Québec, décision d’adéquation.",
}


@pytest.fixture
def curator(client):
    user = make_group_member("Curation")
    client.force_login(user)
    return user


def text_of(response) -> str:
    """Return the visible text of the page on one line."""
    html = response.content.decode().partition('<div class="record">')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split(" "))


def test_every_activity_is_complete_and_has_data():
    entries = processing.record_entries()
    assert len(entries) > 8
    assert len({entry.activity.title for entry in entries}) == len(entries)
    for entry in entries:
        for name in ("title", "purposes", "legal_basis", "people"):
            assert getattr(entry.activity, name), (entry.activity.title, name)
        assert entry.data
        assert re.search(r"6\.1|Celle du traitement", entry.activity.legal_basis), entry.activity.title
    titles = [category.title for entry in entries for category in entry.data]
    assert {source.title for source in registry.sources()} < set(titles)
    assert len(titles) == len(set(titles))


def test_names_of_data_are_french():
    for entry in processing.record_entries():
        for category in entry.data:
            for label in category.fields:
                assert not re.search(r"_|^ip$| at$|^get |\b(?:created|used|name|date joined)\b", label), category


def test_page_has_what_article_30_asks(client, curator, settings):
    settings.SITE_IDENTITY = {**settings.SITE_IDENTITY, **IDENTITY}
    text = text_of(client.get(URL))
    for value in IDENTITY.values():
        for line in value.splitlines():
            assert line in text, line
    for entry in processing.record_entries():
        assert entry.activity.title in text
        assert entry.activity.purposes in text
        for category in entry.data:
            assert category.title in text
    assert "recruteurs en reçoivent une copie sans contenu actif" in text
    assert "les membres de l’entreprise qui recrute" in text.lower()


MISSING = "À compléter par l’éditeur du site"
OFFICER = "Délégué ou déléguée à la protection des données"
TRANSFERS = "Transferts hors de l’Union européenne"


def value_after(label: str, html: str) -> str:
    """Return the text of the description that follows a term of a list."""
    rest = html.partition(f"<dt>{label}</dt>")[2].partition("</dd>")[0]
    return unescape(re.sub(r"<[^>]+>", "", rest))


def test_settings_without_a_value_state_nothing(client, curator, settings):
    settings.SITE_IDENTITY = dict.fromkeys(settings.SITE_IDENTITY, "")
    record = client.get(URL).content.decode()
    assert value_after(OFFICER, record) == value_after(TRANSFERS, record) == MISSING
    page = client.get(reverse("privacy")).content.decode()
    assert value_after(TRANSFERS, page) == MISSING
    for html in (record, page, b"".join(client.get(CSV_URL).streaming_content).decode()):
        assert not re.search("Aucun transfert|Aucune désignation", html)


@pytest.mark.parametrize("none", ["aucun", "Aucune."])
def test_settings_state_that_there_is_none(client, curator, settings, none):
    settings.SITE_IDENTITY = {**settings.SITE_IDENTITY, "dpo": none, "transfers": none}
    record = client.get(URL).content.decode()
    assert value_after(OFFICER, record) == "Aucune désignation."
    assert value_after(TRANSFERS, record) == "Aucun transfert."
    page = client.get(reverse("privacy")).content.decode()
    assert value_after(TRANSFERS, page) == "Aucun transfert."
    assert OFFICER not in page


def test_privacy_page_and_record_name_the_same_recipients(client, curator, settings):
    settings.SITE_IDENTITY = {**settings.SITE_IDENTITY, **IDENTITY}
    page = client.get(reverse("privacy")).content.decode()
    assert "Ses sous-traitants sont l’hébergeur" in page
    assert "le prestataire qui envoie les\n  e-mails (Courrier Exemple)" in page
    assert IDENTITY["dpo"] in page
    recipients = re.findall(r"<dt>Destinataires</dt><dd>(.*?)</dd>", page)
    assert len(recipients) == 2
    for text in recipients:
        assert "sous-traitants" in text
        assert "hébergeur" not in text, "one of several"


@pytest.mark.parametrize(
    ("name", "value", "period"),
    [
        ("LEAD_RETENTION_DAYS", 89, "89\u00a0jours après le dernier contact pour un recrutement"),
        ("APPLICATION_RETENTION_DAYS", 88, "88\u00a0jours"),
        ("APPLICATION_CONSENT_RETENTION_DAYS", 87, "87\u00a0jours"),
        ("CONTACT_RETENTION_DAYS", 91, "91\u00a0jours pour les autres sujets"),
        ("UNCONFIRMED_ACCOUNT_DAYS", 92, "92\u00a0jours si son adresse n’est jamais confirmée"),
        ("OUTBOX_RETENTION_DAYS", 93, "93\u00a0jours sans elle"),
        ("REPORT_RETENTION_DAYS", 94, "94\u00a0jours après la décision"),
        ("ALERT_UNCONFIRMED_DAYS", 95, "95\u00a0jours après leur arrêt"),
        ("SESSION_COOKIE_AGE", 96 * 86_400, "96\u00a0jours au plus"),
    ],
)
def test_time_limits_are_those_of_the_purge(client, curator, settings, name, value, period):
    setattr(settings, name, value)
    assert period in text_of(client.get(URL))
    assert period in b"".join(client.get(CSV_URL).streaming_content).decode()
    assert period in client.get(reverse("privacy")).content.decode()


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (timedelta(minutes=15), "15\u00a0minutes"),
        (timedelta(hours=1), "1\u00a0heure"),
        (timedelta(hours=2), "2\u00a0heures"),
        (timedelta(hours=36), "36\u00a0heures"),
        (timedelta(days=1), "1\u00a0jour"),
        (timedelta(days=730), "2\u00a0ans"),
        (400, "400\u00a0jours"),
    ],
)
def test_periods_are_written_in_the_largest_exact_unit(period, text):
    assert format_period(period) == text


def test_security_measures_follow_the_settings(settings):
    settings.STAFF_MFA_REQUIRED = settings.SECURE_SSL_REDIRECT = True
    settings.CV_ANTIVIRUS_COMMAND = "clamdscan -"
    text = " ".join(processing.security_measures())
    assert "HTTPS" in text
    assert "antivirus" in text
    assert "obligatoire" in text
    settings.STAFF_MFA_REQUIRED = settings.SECURE_SSL_REDIRECT = False
    settings.CV_ANTIVIRUS_COMMAND = ""
    text = " ".join(processing.security_measures())
    assert not re.search("HTTPS|antivirus|obligatoire", text)


def test_csv_has_a_row_for_each_activity(client, curator, settings):
    settings.SITE_IDENTITY = {**settings.SITE_IDENTITY, **IDENTITY}
    response = client.get(CSV_URL)
    assert "no-store" in response["Cache-Control"]
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["Traitement"] for row in rows] == [entry.activity.title for entry in processing.record_entries()]
    for row in rows:
        assert all(row.values()), row["Traitement"]
        assert row["Délégué ou déléguée à la protection des données"] == IDENTITY["dpo"]
    (applications,) = [row for row in rows if row["Traitement"] == "Candidatures"]
    assert "adresse e-mail" in applications["Catégories de données"]
    assert "CV" in applications["Catégories de données"]


def test_record_is_for_those_who_answer_people(client, curator):
    pages = [reverse("admin:index"), reverse("admin:app_list", args=["privacy"])]
    pages += [reverse("admin:privacy_personaldatarequest_changelist")]
    for page in pages:
        assert f'href="{URL}"' in client.get(page).content.decode(), page
    client.force_login(make_superuser())
    assert client.get(URL).status_code == client.get(CSV_URL).status_code == 200
    client.force_login(make_staff("view_personaldatarequest", "view_lead"))
    assert client.get(URL).status_code == client.get(CSV_URL).status_code == 403
    for page in pages:
        assert URL not in client.get(page).content.decode(), page
    client.logout()
    assert client.get(URL).status_code == client.get(CSV_URL).status_code == 302


def test_command_writes_a_page_that_needs_no_other_file(tmp_path, settings, capsys):
    settings.SITE_IDENTITY = {**settings.SITE_IDENTITY, **IDENTITY}
    file = tmp_path / "registre.html"
    call_command("processing_record", file)
    html = file.read_text("utf-8")
    assert "Exemple SAS" in html
    assert "Candidatures" in html
    assert "@media print" in html
    assert "&gt;" not in html.partition("</style>")[0], "the style sheets are not escaped"
    assert not re.search(r"<(?:link|script|img)|\bsrc=|href=|url\(|@import", html)
    assert str(file) in capsys.readouterr().out


def test_command_writes_csv_and_refuses_other_formats(tmp_path):
    call_command("processing_record", tmp_path / "registre.csv", verbosity=0)
    text = (tmp_path / "registre.csv").read_bytes().decode()
    assert text.startswith("\ufeffTraitement;")
    assert len(list(csv.reader(io.StringIO(text), delimiter=";"))) == len(processing.record_entries()) + 1
    with pytest.raises(CommandError, match=r"\.html or \.csv"):
        call_command("processing_record", tmp_path / "registre.pdf")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("processing_record", tmp_path / "absent" / "registre.csv")
