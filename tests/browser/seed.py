"""More than a new site has, so that every state of every page can be seen. Run in a process of the tested site."""

import io
import json
from datetime import timedelta

import django


def a_logo(make_logo):
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (400, 400), "#fff")
    ImageDraw.Draw(picture).polygon([(40, 360), (200, 40), (360, 360)], fill="#0b6e4f")
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.name, out.size = "logo.png", out.tell()
    return make_logo(out)


def seed() -> dict[str, str]:
    """Fill the site and return the addresses of what a test cannot find by itself."""
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
        logo=a_logo(make_logo),
    )
    recruiter = User.objects.get(email="recruiter@example.org")
    company.verify(recruiter)
    Membership.objects.create(company=company, user=recruiter)
    make_member(company, make_user(email="colleague@example.org"), MemberRole.RECRUITER)
    invitation = Invitation.objects.create(company=company, email="invited@example.org")
    JoinRequest.objects.create(
        company=company, user=make_user(email="candidate@example.org"), message="Bonjour, je suis aux achats."
    )

    # Enough for a second page.
    for number in range(24):
        make_offer(
            title=f"Ingénieur logiciel {number + 1}",
            company=company,
            place=list(places.values())[number % len(places)],
            contract=[Contract.CDI, Contract.CDD, Contract.INTERNSHIP][number % 3],
            age=timedelta(days=2 + number),
            skills=skills[: number % 4],
        )
    shown = make_offer(
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
    # Five with a salary: what the site's own offers pay is shown from there on.
    for number in range(5):
        make_offer(
            title=f"CTO {number + 1}", company=company, place=grenoble, role=cto, contract=Contract.CDI,
            experience=Level.CONFIRMED, pay_min=70_000 + 2_000 * number, pay_max=85_000 + 2_000 * number,
        )  # fmt: skip
    filled = make_offer(title="Poste pourvu", company=company, place=lyon, role=cto, age=timedelta(days=9))
    filled.fill()
    gone = make_offer(title="Poste oublié", company=company, place=lyon, age=timedelta(days=90))
    gone.fill(at=now - timedelta(days=60))
    # What no line can hold: a title, a name, a highlight and a word of the description.
    endless = "Rindfleischetikettierungsüberwachungsaufgaben" * 2
    long = make_offer(
        title=endless,
        company=make_company(name=endless[:60] + "gesellschaft"),
        place=lyon,
        contract=Contract.CDD,
        age=timedelta(days=50),
        highlights=endless,
        description=f"{endless}\n\n`{endless}`\n\n- {endless}",
        external_reference=endless[:80],
    )
    for number in range(2):
        make_offer(
            title=f"Offre à relire {number + 1}", company=company, place=lyon, status=OfferStatus.SUBMITTED,
            description="Écrire à rh@ateliers.example.org avant lundi.", published_at=None, expires_at=None,
        )  # fmt: skip
    recruiter = User.objects.get(email="recruiter@example.org")
    shown.propose({"pay_max": 120_000, "description": shown.description.replace("huit", "neuf")}, recruiter)
    for number in range(3):
        make_lead(name=f"Recruteuse {number + 1}", created_at=now - timedelta(days=number))
    Question.objects.create(offer=shown, text="Depuis quand encadrez-vous une équipe\u00a0?")
    received = [
        make_application(
            offer=shown,
            name=name,
            phone="+33612345678",
            answers=[{"question": "Depuis quand encadrez-vous une équipe\u00a0?", "answer": "Depuis 2019."}],
            created_at=now - timedelta(days=number),
        )
        for number, name in enumerate(["Candidate avec", "Candidate sans", "Anne Lefèvre", endless])
    ]
    received[2].see(User.objects.get(email="recruiter@example.org"))
    received[3].cv_state, received[3].cv_reason, received[3].cv = CvState.REFUSED, "Le PDF est abîmé.", ""
    received[3].save()
    rooms = {
        "apply": reverse("applications:apply", args=[shown.pk, shown.slug]),
        "applied": reverse("applications:applied", args=[shown.pk, shown.slug]),
        "application": received[2].get_absolute_url(),
        "application, CV refused": received[3].get_absolute_url(),
        "application erase": reverse("applications:erase", args=[received[2].token]),
        "inbox application": reverse("applications:inbox_application", args=[received[3].pk]),
        "inbox decline": reverse("applications:inbox_decline", query={"c": [received[2].pk, received[3].pk]}),
    }
    pages = {"offer": shown, "filled": filled, "gone": gone, "endless": long}
    for ago in range(40):
        day = timezone.localdate(now) - timedelta(days=ago)
        Audience.objects.create(offer=shown, day=day, views=1 + ago * 7 % 23, clicks=ago % 4)
    rooms["audience"] = reverse("posting:audience", args=[shown.pk])
    rooms["invitation"] = reverse("companies:invitation", args=[invitation.token])
    addresses = {name: offer.get_absolute_url() for name, offer in pages.items()}
    return addresses | {"report": f"{addresses['offer']}signaler/"} | rooms | alerts(now)


def alerts(now) -> dict[str, str]:
    """Those of one person in every state, and the links to them. None is sent while the tests run."""
    from offers.alerts import links
    from tests.factories import make_alert

    fields = {"email": "alertes@example.org", "due_at": now + timedelta(days=1), "covered_until": now}
    running = make_alert(query="contrat=cdi", label="CDI", last_sent_at=now, **fields)
    fields["due_at"] = None
    asked = make_alert(query="q=python", label="python, Lyon (69) et 20\u00a0km autour", confirmed_at=None, **fields)
    make_alert(query="q=java", label="java", paused_at=now, refused_at=now, frequency="weekly", **fields)
    pages = {links.CONFIRM: asked, links.STOP: running, links.MANAGE: running}
    return {f"alert-{page}": links.path(page, alert) for page, alert in pages.items()}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(seed()))
