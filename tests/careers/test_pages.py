"""Public pages of role profiles."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from tests.factories import make_offer, make_role, make_user


def fill_sections(role, rows=1):
    """Fill every section of `role`, with `rows` lines in each list."""
    for field in ("definition", "missions", "skills", "soft_skills", "training", "evolution", "salary", "sectors"):
        setattr(role, field, f"Texte de la partie {field}.")
    role.save()
    for section in RoleEntry.Section:
        for index in range(rows):
            RoleEntry.objects.create(role=role, section=section, position=index, label="Nom", text=f"ligne {index}")
    for index in range(rows):
        RoleTitle.objects.create(role=role, position=index, title=f"Autre titre {index}")
        FaqEntry.objects.create(
            role=role, position=index, question=f"Question {index} ?", answer="Réponse.", illustration="day"
        )
    for level in ("confirme", "expert"):
        for zone in ("paris", "grandes-villes", "regions"):
            SalaryBand.objects.create(
                role=role, level=level, zone=zone, minimum=50, maximum=70, source="Enquête", year=2026
            )
    return role


def page_html(response) -> str:
    return response.content.decode()


def toc_anchors(response) -> list[str]:
    """Return the anchors of the table of contents."""
    toc = page_html(response).split('class="toc"')[1].split("</nav>")[0]
    return [link.split('"')[0] for link in toc.split('href="#')[1:]]


def test_list_shows_published_profiles_with_their_offer_counts(client, db):
    role = make_role(name="Architecte", median_salary=80, salary_source="Enquête", salary_year=2026, study_level=5)
    make_role(name="Brouillon secret", status=Role.Status.DRAFT)
    make_offer(role=role)
    make_offer(role=role)
    make_offer(role=role, status="draft")
    page = page_html(client.get(reverse("careers:list")))
    assert "Architecte" in page
    assert "80\u00a0K€ en médiane · Bac\u00a0+5" in page
    assert "2 offres en ligne" in page
    assert "Brouillon secret" not in page


def test_empty_list_shows_a_message(client, db):
    assert "en préparation" in page_html(client.get(reverse("careers:list")))


@pytest.mark.parametrize("count", [0, 1, 30])
def test_list_takes_two_queries(client, db, django_assert_num_queries, count):
    for _ in range(count):
        make_offer(role=make_role())
    # One of them reads the version for the page cache.
    with django_assert_num_queries(2):
        client.get(reverse("careers:list"))


def test_header_shows_names_figures_and_date(client, db):
    role = make_role(
        name="CTO", french_name="directeur technique", full_name="Chief Technology Officer", study_level=5,
        experience_from=6, experience_to=10, median_salary=93, salary_source="Enquête", salary_year=2026,
        updated_on=date(2026, 1, 1),
    )  # fmt: skip
    RoleTitle.objects.create(role=role, title="Directeur Technique")
    RoleTitle.objects.create(role=role, title="chief technology officer")
    RoleTitle.objects.create(role=role, title="responsable informatique")
    make_offer(role=role)
    page = page_html(client.get(role.get_absolute_url()))
    assert "<h1>CTO, directeur technique</h1>" in page
    assert "93\u00a0K€" in page
    assert "Enquête, 2026" in page
    assert "Bac\u00a0+5" in page
    assert "6 à 10\u00a0ans" in page
    assert "<dt>Offre en ligne</dt><dd>1</dd>" in page
    # Titles equal to the heading or the full name are not repeated.
    assert "On dit aussi\u00a0: Chief Technology Officer, responsable informatique." in page
    assert "1er\u00a0janvier 2026" in page
    assert f'<a href="{reverse("careers:list")}">Métiers</a>' in page


@pytest.mark.parametrize(
    ("years", "expected"),
    [((None, None), ""), ((0, 1), "0 à 1\u00a0an"), ((3, 3), "3\u00a0ans"), ((8, None), "8\u00a0ans et plus")],
)
def test_expected_experience_in_words(years, expected):
    assert Role(experience_from=years[0], experience_to=years[1]).expected_experience == expected


def test_empty_sections_are_left_out_of_page_and_contents(client, db):
    role = make_role(missions="Du texte.")
    response = client.get(role.get_absolute_url())
    assert toc_anchors(response) == ["missions"]
    assert 'id="definition"' not in page_html(response)
    RoleEntry.objects.create(role=role, section="evolution", text="Direction")
    SalaryBand.objects.create(
        role=role, level="expert", zone="paris", minimum=50, maximum=70, source="Enquête", year=2026
    )
    assert toc_anchors(client.get(role.get_absolute_url())) == ["missions", "evolution", "salaire"]


def test_contents_list_every_section_in_the_order_of_the_page(client, db):
    role = fill_sections(make_role())
    make_offer(role=role)
    response = client.get(role.get_absolute_url())
    anchors = toc_anchors(response)
    assert len(anchors) == 10
    page = page_html(response)
    indexes = [page.index(f'<section id="{anchor}"') for anchor in anchors]
    assert indexes == sorted(indexes)


def test_lists_are_ordered_and_markdown_is_sanitized(client, db):
    role = make_role(missions="Du **gras** <script>alert(1)</script> [lien](javascript:alert(1))")
    for position, line in ((2, "deuxième"), (1, "première")):
        RoleEntry.objects.create(role=role, section="mission", position=position, text=line)
    page = page_html(client.get(role.get_absolute_url()))
    assert page.index("première") < page.index("deuxième")
    assert "<strong>gras</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_salary_grid_is_a_table_and_a_chart_with_each_source_once(client, db):
    role = make_role(median_salary=93, salary_source="Enquête", salary_year=2026)
    cells = [
        ("confirme", "paris", 75, 95, "A"),
        ("confirme", "regions", 60, 65, "A"),
        ("expert", "paris", 99, 140, "B"),
    ]
    for level, zone, low, high, source in cells:
        SalaryBand.objects.create(
            role=role, level=level, zone=zone, minimum=low, maximum=high, source=source, year=2025
        )
    page = page_html(client.get(role.get_absolute_url()))
    table = page.split("<table")[1].split("</table>")[0]
    assert "75\u00a0–\u00a095" in table
    assert "99\u00a0–\u00a0140" in table
    assert "Grandes villes" not in table, "a zone without figures has no column"
    assert "non renseigné" in table
    assert "Salaire fixe brut par an, en K€".replace(" K€", "\u00a0K€") in table
    assert page.count("A, 2025") == page.count("B, 2025") == 1
    assert "<li>A, 2025</li><li>B, 2025</li>" in page
    assert 'role="img" aria-labelledby="grille-titre grille-resume" aria-details="grille"' in page
    assert '<table id="grille">' in page
    assert "médiane 93" in page
    assert "style=" not in page


def test_page_shows_the_newest_offers_of_the_role(client, db):
    role = make_role()
    for days in range(8):
        make_offer(role=role, title=f"Poste {days}", age=timedelta(days=days))
    make_offer(title="Poste d’à côté")
    page = page_html(client.get(role.get_absolute_url()))
    assert page.index("Poste 0") < page.index("Poste 5")
    assert "Poste 6" not in page
    assert "Poste d’à côté" not in page
    assert "Voir les 8 offres" in page
    assert f"{reverse('catalogue:list')}?metier={role.slug}" in page


def test_page_of_a_role_without_offers_shows_others_with_a_message(client, db):
    make_offer(title="Poste voisin")
    page = page_html(client.get(make_role().get_absolute_url()))
    assert "Aucune offre n’est en ligne pour ce métier" in page
    assert "Poste voisin" in page


def test_pay_of_published_offers_is_shown_from_five_offers_with_pay(client, db):
    role = make_role()
    for pay in (50_000, 60_000, 70_000, 80_000):
        make_offer(role=role, pay_min=pay, pay_max=pay)
    make_offer(role=role)
    assert "Dans les offres du site" not in page_html(client.get(role.get_absolute_url()))
    make_offer(role=role, pay_min=90_000, pay_max=90_000)
    page = page_html(client.get(role.get_absolute_url()))
    assert "Dans les offres du site" in page
    assert "70\u202f000\u00a0€" in page
    assert "60\u202f000\u00a0–\u00a080\u202f000\u00a0€" in page
    assert "<dt>Offres comptées</dt><dd>5</dd>" in page


def test_questions_include_their_illustrations(client, db):
    role = make_role()
    RoleEntry.objects.create(role=role, section="day", label="8\u00a0h", text="Café.")
    RoleEntry.objects.create(role=role, section="remote", label="Hybride", text="Les deux.")
    FaqEntry.objects.create(role=role, question="La journée ?", answer="Ainsi :", illustration="day")
    FaqEntry.objects.create(role=role, question="À distance ?", answer="Oui.", illustration="remote")
    page = page_html(client.get(role.get_absolute_url()))
    assert "<dt>8\u00a0h</dt><dd>Café.</dd>" in page
    assert "<h4>Hybride</h4>" in page
    assert "<p>Les deux.</p>" in page


def test_recruiter_link_prefills_the_contact_form_with_the_role(client, db):
    role = make_role(name="Architecte logiciel")
    section = page_html(client.get(role.get_absolute_url())).split('id="recruter"')[1]
    assert "dès que possible" in section
    assert "Honoraires au succès" in section
    assert "Consultants spécialisés" in section
    url = unescape(re.search(rf'href="({reverse("contact:form")}[^"]*)"', section)[1])
    form = page_html(client.get(url, headers={"referer": f"http://testserver{role.get_absolute_url()}"}))
    assert 'value="Architecte logiciel"' in form
    assert '<option value="recruteur" selected>' in form
    assert f'name="page" value="{role.get_absolute_url()}"' in form


def test_draft_gives_404_except_to_curators(client, db):
    role = make_role(name="Secret", status=Role.Status.DRAFT)
    assert client.get(role.get_absolute_url()).status_code == 404
    user = make_user()
    client.force_login(user)
    assert client.get(role.get_absolute_url()).status_code == 404
    user.user_permissions.add(Permission.objects.get(codename="change_role", content_type__app_label="careers"))
    response = client.get(role.get_absolute_url())
    assert response.status_code == 200
    assert "<b>Brouillon</b>" in page_html(response)
    assert 'content="noindex"' in page_html(response)
    assert reverse("admin:careers_role_change", args=[role.pk]) in page_html(response)


@pytest.mark.parametrize("rows", [0, 1, 25])
def test_page_takes_at_most_ten_queries(client, db, django_assert_max_num_queries, rows):
    role = fill_sections(make_role(), rows) if rows else make_role()
    for _ in range(rows):
        make_offer(role=role, pay_min=60_000, pay_max=70_000)
    make_offer()
    client.get(role.get_absolute_url())
    with django_assert_max_num_queries(8):
        client.get(role.get_absolute_url())
    # Session and user of a signed-in client take two more.
    client.force_login(make_user())
    with django_assert_max_num_queries(10):
        client.get(role.get_absolute_url())


def test_unknown_role_gives_404(client, db):
    assert client.get("/metiers/inconnu/").status_code == 404
