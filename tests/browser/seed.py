"""Add rows to the tested site, so that every state of every page can be shown. Runs in a process of this site."""

import io
import json
from datetime import timedelta

import django

WRITER, WRITER_PASSWORD = "writer@example.org", "motdepasse-d-essai"


def draw_logo(make_logo):
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (400, 400), "#fff")
    ImageDraw.Draw(image).polygon([(40, 360), (200, 40), (360, 360)], fill="#0b6e4f")
    out = io.BytesIO()
    image.save(out, "PNG")
    out.name, out.size = "logo.png", out.tell()
    return make_logo(out)


def seed() -> dict[str, str]:
    """Create the rows, and return the paths of the pages that a test cannot reach by a known URL."""
    from django.urls import reverse
    from django.utils import timezone

    from careers.enums import Level
    from careers.models import Role
    from jobboard.accounts.models import User
    from offers.applications.enums import CvState
    from offers.catalogue.models import Audience
    from offers.companies.enums import CompanySize, MemberRole
    from offers.companies.logos import make_logo
    from offers.companies.models import Invitation, JoinRequest, Membership
    from offers.enums import Contract, OfferStatus
    from offers.models import Question, Skill
    from offers.places.models import Place
    from tests.factories import make_application, make_company, make_lead, make_member, make_offer, make_user

    now = timezone.now()
    places = Place.objects.in_bulk(["69123", "69266", "75056", "38185", "33063"], field_name="insee_code")
    lyon, paris, grenoble = places["69123"], places["75056"], places["38185"]
    cto = Role.objects.get(slug="cto")
    skills = list(Skill.objects.order_by("pk")[:4])
    company = make_company(
        name="Ateliers Numériques",
        sector="Logiciel",
        size=CompanySize.MEDIUM,
        siret="73282932000074",
        website="https://ateliers.example.org/",
        description="Nous fabriquons des **outils** pour les ateliers.\n\n## Comment nous travaillons\n\n- à Lyon",
        logo=draw_logo(make_logo),
    )
    recruiter = User.objects.get(email="recruiter@example.org")
    company.verify(recruiter)
    Membership.objects.create(company=company, user=recruiter)
    make_member(company, make_user(email="colleague@example.org"), MemberRole.RECRUITER)
    invitation = Invitation.objects.create(company=company, email="invited@example.org", invited_by=recruiter)
    JoinRequest.objects.create(
        company=company, user=make_user(email="candidate@example.org"), message="Bonjour, je suis aux achats."
    )

    # More than one page of results.
    for index in range(24):
        make_offer(
            title=f"Ingénieur logiciel {index + 101}",
            company=company,
            place=list(places.values())[index % len(places)],
            contract=[Contract.CDI, Contract.CDD, Contract.INTERNSHIP][index % 3],
            age=timedelta(days=2 + index),
            skills=skills[: index % 4],
        )
    main_offer = make_offer(
        title="Directrice technique",
        company=company,
        place=lyon,
        role=cto,
        contract=Contract.CDI,
        experience=Level.EXPERT,
        remote_days=2,
        pay_min=95_000,
        pay_max=115_000,
        highlights="Équipe de douze personnes\nProduit rentable",
        description="## Le contexte\n\nUne plateforme **en ligne** depuis huit ans.\n\n- un\n- deux",
        skills=skills,
    )
    make_offer(
        title="Architecte cloud", company=company, place=lyon, contract=Contract.FREELANCE, pay_min=550, pay_max=700
    )
    make_offer(title="Responsable SRE", company=company, fully_remote=True, contract=Contract.CDI)
    make_offer(
        title="Lead développeur",
        confidential=True,
        place=paris,
        employer_descriptor="éditeur de logiciel pour la santé",
    )
    # Five offers with pay, the minimum for which the page of a role shows quartiles.
    for index in range(5):
        make_offer(
            title=f"CTO {index + 1}", company=company, place=grenoble, role=cto, contract=Contract.CDI,
            experience=Level.CONFIRMED, pay_min=70_000 + 2_000 * index, pay_max=85_000 + 2_000 * index,
        )  # fmt: skip
    filled = make_offer(title="Poste pourvu", company=company, place=lyon, role=cto, age=timedelta(days=9))
    filled.fill()
    closed = make_offer(title="Poste oublié", company=company, place=lyon, age=timedelta(days=90))
    closed.fill(at=now - timedelta(days=60))
    # Words longer than a line, in the title, the name, a highlight and the description.
    long_word = "Rindfleischetikettierungsüberwachungsaufgaben" * 2
    long_offer = make_offer(
        title=long_word,
        company=make_company(name=long_word[:60] + "gesellschaft"),
        place=lyon,
        contract=Contract.CDD,
        age=timedelta(days=50),
        highlights=long_word,
        description=f"{long_word}\n\n`{long_word}`\n\n- {long_word}",
        external_reference=long_word[:80],
    )
    # The highest cards: all facts, with long values and more skills than a card shows.
    high = {
        "title": "Administratrice ou administrateur de plateformes de données en temps réel pour la santé",
        "company": make_company(
            name="Société des systèmes d’information hospitaliers de Bourgogne et Franche-Comté", logo=company.logo.name
        ),
        "place": Place.objects.get(insee_code="78551"),
        "contract": Contract.APPRENTICESHIP,
        "experience": Level.BEGINNER,
        "remote_days": 3,
        "skills": [*Skill.objects.order_by("-pk")[:3], *skills],
        "description": "Une plateforme pour les hôpitaux, que dix personnes font vivre à Dijon et partout en France. "
        * 3,
    }
    make_offer(age=timedelta(days=51), pay_min=21_612, pay_max=23_777, **high)
    make_offer(age=timedelta(days=52), **high)
    descriptor = "éditeur de logiciel pour la santé et les collectivités territoriales de plus de mille personnes"
    make_offer(age=timedelta(days=53), confidential=True, **high | {"company": None, "employer_descriptor": descriptor})
    for index in range(2):
        make_offer(
            title=f"Offre à relire {index + 1}", company=company, place=lyon, status=OfferStatus.SUBMITTED,
            description="Écrire à rh@ateliers.example.org avant lundi.", published_at=None, expires_at=None,
        )  # fmt: skip
    recruiter = User.objects.get(email="recruiter@example.org")
    main_offer.propose({"pay_max": 120_000, "description": main_offer.description.replace("huit", "neuf")}, recruiter)
    for index in range(3):
        make_lead(name=f"Recruteuse {index + 1}", created_at=now - timedelta(days=index))
    Question.objects.create(offer=main_offer, text="Depuis quand encadrez-vous une équipe\u00a0?")
    applications = [
        make_application(
            offer=main_offer,
            name=name,
            phone="+33612345678",
            answers=[{"question": "Depuis quand encadrez-vous une équipe\u00a0?", "answer": "Depuis 2019."}],
            created_at=now - timedelta(days=days),
        )
        for days, name in enumerate(["Candidate avec", "Candidate sans", "Anne Lefèvre", long_word])
    ]
    applications[2].see(User.objects.get(email="recruiter@example.org"))
    applications[3].cv_state, applications[3].cv_reason, applications[3].cv = CvState.REFUSED, "Le PDF est abîmé.", ""
    applications[3].save()
    kept = make_application(offer=filled, name="Candidate gardée", email="suivi@example.org")
    paths = {
        "application, offer filled": kept.get_absolute_url(),
        "apply": reverse("applications:apply", args=[main_offer.pk, main_offer.slug]),
        "applied": reverse("applications:applied", args=[main_offer.pk, main_offer.slug]),
        "application": applications[2].get_absolute_url(),
        "application, CV refused": applications[3].get_absolute_url(),
        "application erase": reverse("applications:erase", args=[applications[2].token]),
        "inbox application": reverse("applications:inbox_application", args=[applications[3].pk]),
        "inbox decline": reverse("applications:inbox_decline", query={"c": [applications[2].pk, applications[3].pk]}),
    }
    offers = {"offer": main_offer, "filled": filled, "gone": closed, "endless": long_offer}
    for days in range(40):
        day = timezone.localdate(now) - timedelta(days=days)
        Audience.objects.create(offer=main_offer, day=day, views=1 + days * 7 % 23, clicks=days % 4)
    paths["audience"] = reverse("posting:audience", args=[main_offer.pk])
    paths["admin review"] = reverse("admin:offers_offer_review", args=[main_offer.pk])
    paths["invitation"] = reverse("companies:invitation", args=[invitation.token])
    # A company and a draft whose texts the tests may replace.
    owner = make_member(make_company(name="Plumes et Claviers"), make_user(email=WRITER, password=WRITER_PASSWORD))
    draft = make_offer(
        title="Rédactrice technique", company=owner.company, place=lyon, status=OfferStatus.DRAFT,
        published_at=None, expires_at=None,
    )  # fmt: skip
    paths["step"] = reverse("posting:step", args=[draft.pk, "annonce"])
    paths["writer's company"] = reverse("posting:company", args=[owner.company.slug])
    paths["edit"] = reverse("posting:edit", args=[main_offer.pk])
    offer_paths = {name: offer.get_absolute_url() for name, offer in offers.items()}
    return offer_paths | {"report": f"{offer_paths['offer']}signaler/"} | paths | make_alerts(now)


def make_alerts(now) -> dict[str, str]:
    """Create alerts of one person in every state, none due during the tests, and return the paths of their pages."""
    from offers.alerts import links
    from tests.factories import make_alert

    fields = {"email": "alertes@example.org", "due_at": now + timedelta(days=1), "covered_until": now}
    running = make_alert(query="contrat=cdi", label="CDI", last_sent_at=now, **fields)
    fields["due_at"] = None
    unconfirmed = make_alert(
        query="q=python", label="python, Lyon (69) et 20\u00a0km autour", confirmed_at=None, **fields
    )
    make_alert(query="q=java", label="java", paused_at=now, refused_at=now, frequency="weekly", **fields)
    pages = {links.CONFIRM: unconfirmed, links.STOP: running, links.MANAGE: running}
    return {f"alert-{page}": links.path(page, alert) for page, alert in pages.items()}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(seed()))
