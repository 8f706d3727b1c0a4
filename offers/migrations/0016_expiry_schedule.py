from django.db import migrations

from offers import triggers

SCHEDULE = {
    "func": "offers.tasks.expire_offers",
    "name": "offres\u00a0: fin de parution",
    "schedule_type": "I",
    "minutes": 10,
    "repeats": -1,
}
REASONS = [
    (
        "Rémunération absente ou trop large",
        "La rémunération manque ou sa fourchette est trop large pour renseigner qui postule. "
        "Indiquez un minimum et un maximum proches de ce que vous pensez proposer.",
    ),
    (
        "Critère discriminatoire",
        "Le passage « … » écarte des personnes sur un critère interdit (code du travail, art. L1132-1). "
        "Retirez-le ou décrivez plutôt ce que le poste demande.",
    ),
    (
        "Limite d’âge",
        "Le passage « … » fixe un âge maximal, ce que la loi interdit dans une offre (code du travail, art. L5331-2). "
        "Indiquez l’expérience attendue.",
    ),
    (
        "Coordonnées dans le texte",
        "Le texte contient une adresse ou un numéro (« … »). Les candidatures passent par le formulaire du site ou par "
        "l’adresse web prévue pour cela\u00a0: retirez-le du texte.",
    ),
    (
        "Description trop courte",
        "La description ne permet pas de savoir en quoi consiste le poste. "
        "Précisez les missions, l’équipe et l’environnement technique.",
    ),
    (
        "Intitulé à reprendre",
        "L’intitulé ne nomme pas clairement le métier. Écrivez-le sans majuscules continues, ni ponctuation d’appel, "
        "ni rémunération.",
    ),
    ("Offre en double", "Cette offre répète une autre de vos offres\u00a0: « … ». Une seule suffit."),
    (
        "Hors du champ du site",
        "Le site publie des offres d’emploi de l’informatique en France. Celle-ci n’en relève pas\u00a0: …",
    ),
]


def create_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.get_or_create(func=SCHEDULE["func"], defaults=SCHEDULE)


def delete_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=SCHEDULE["func"]).delete()


def create_reasons(apps, schema_editor):
    ReturnReason = apps.get_model("offers", "ReturnReason")
    for number, (title, text) in enumerate(REASONS, start=1):
        text = text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
        ReturnReason.objects.get_or_create(title=title, defaults={"text": text, "position": 10 * number})


def delete_reasons(apps, schema_editor):
    apps.get_model("offers", "ReturnReason").objects.filter(title__in=[title for title, _ in REASONS]).delete()


def make_triggers(apps, schema_editor):
    # SQLite has dropped those of the tables that the last migration rebuilt.
    triggers.ensure()


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0015_workflow"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunPython(make_triggers, migrations.RunPython.noop),
        migrations.RunPython(create_schedule, delete_schedule),
        migrations.RunPython(create_reasons, delete_reasons),
    ]
