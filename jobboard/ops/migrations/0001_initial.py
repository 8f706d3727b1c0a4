"""The groups of the admin with their permissions, and the scheduled tasks."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

ALL = ("view", "add", "change", "delete")
# group: [(app, model, actions)]. An autocomplete field needs "view" on the model it refers to.
PERMISSIONS = {
    "Curation": [
        ("careers", "role", ALL),
        ("careers", "roleentry", ALL),
        ("careers", "roletitle", ALL),
        ("careers", "salaryband", ALL),
        ("careers", "faqentry", ALL),
        ("offers", "offer", ALL),
        ("offers", "question", ALL),
        ("companies", "company", ALL),
        # Who may work for a company is decided by those who manage accounts.
        ("companies", "membership", ("view",)),
        ("offers", "skill", ALL),
        ("offers", "skillalias", ALL),
        ("places", "place", ("view",)),
        ("search", "synonymset", ALL),
        ("moderation", "wordingterm", ALL),
        ("moderation", "returnreason", ALL),
        ("moderation", "report", ("view",)),
        ("offers", "offerevent", ("view",)),
        ("companies", "companyevent", ("view",)),
        ("companies", "companyrevision", ("view",)),
        ("mail", "outboxmessage", ("view", "change")),
        ("privacy", "filedeletion", ("view", "change")),
    ],
    "Modération": [
        ("careers", "role", ("view",)),
        ("offers", "offer", ("view", "change")),
        ("offers", "question", ALL),
        ("companies", "company", ("view", "change")),
        ("offers", "skill", ALL),
        ("offers", "skillalias", ALL),
        ("places", "place", ("view",)),
        ("moderation", "wordingterm", ("view",)),
        ("moderation", "returnreason", ALL),
        ("moderation", "report", ("view",)),
        ("offers", "offerevent", ("view",)),
        ("companies", "companyevent", ("view",)),
        ("companies", "companyrevision", ("view",)),
    ],
    "Commercial": [("contact", "lead", ALL), ("mail", "outboxmessage", ("view", "change"))],
}
# group: [(app, model, code name, name)]
CUSTOM_PERMISSIONS = {
    "Curation": [
        ("offers", "offer", "moderate_offer", "Peut relire, accepter, renvoyer et supprimer des offres"),
        ("companies", "company", "trust_company", "Peut vérifier une entreprise et la laisser publier sans relecture"),
        ("privacy", "personaldatarequest", "answer_person", "Peut remettre et effacer les données d’une personne"),
    ],
    "Modération": [("offers", "offer", "moderate_offer", "Peut relire, accepter, renvoyer et supprimer des offres")],
}
# (name, function, minutes between two runs)
INTERVALS = [
    ("e-mails\u00a0: envoi", "jobboard.mail.tasks.send_outbox", 1),
    ("comptes\u00a0: oubli", "jobboard.accounts.tasks.delete_expired_limits", 10),
    ("contact\u00a0: oubli des expéditeurs", "jobboard.contact.tasks.delete_expired_senders", 10),
    ("offres\u00a0: journal des changements", "offers.changelog.tasks.prune_changes", 24 * 60),
    ("offres\u00a0: audience ancienne", "offers.catalogue.tasks.prune_audience", 24 * 60),
    ("offres\u00a0: vérification des CV", "offers.applications.tasks.check_cvs", 1),
    ("données personnelles\u00a0: fichiers à effacer", "jobboard.privacy.tasks.delete_files", 10),
    ("offres\u00a0: fichiers de formulaires oubliés", "offers.applications.tasks.delete_expired_uploads", 10),
    ("offres\u00a0: délais de réponse", "offers.applications.tasks.update_answer_days", 24 * 60),
    ("offres\u00a0: alertes", "offers.alerts.tasks.send_alerts", 1),
    ("offres\u00a0: fin de parution", "offers.posting.tasks.expire_offers", 10),
    ("modération\u00a0: arrivées", "offers.moderation.tasks.mail_arrival_notices", 5),
]
# (name, function, local hour and minute)
DAILY = [
    # When people open their mail.
    ("offres\u00a0: relances", "offers.posting.tasks.send_reminders", (7, 30)),
    # When moderators begin their day.
    ("modération\u00a0: rappel du matin", "offers.moderation.tasks.mail_daily_notices", (8, 0)),
    ("données personnelles\u00a0: fin de conservation", "jobboard.privacy.tasks.purge_nightly", (3, 20)),
]


def create_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, rows in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=name)
        for app, model, actions in rows:
            for action in actions:
                label = f"Can {action} {apps.get_model(app, model)._meta.verbose_name}"
                group.permissions.add(create_permission(apps, app, model, f"{action}_{model}", label))
    for name, rows in CUSTOM_PERMISSIONS.items():
        group = Group.objects.get(name=name)
        group.permissions.add(*(create_permission(apps, *row) for row in rows))


def create_permission(apps, app, model, codename, name):
    """Return the permission; Django creates its own after the last migration, and then finds this one."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": name}
    )
    return permission


def delete_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=PERMISSIONS).delete()


def create_schedules(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    for name, function, minutes in INTERVALS:
        Schedule.objects.get_or_create(
            func=function, defaults={"name": name, "schedule_type": "I", "minutes": minutes, "repeats": -1}
        )
    for name, function, (hour, minute) in DAILY:
        tomorrow = timezone.localtime().replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=1)
        Schedule.objects.get_or_create(
            func=function, defaults={"name": name, "schedule_type": "D", "next_run": tomorrow, "repeats": -1}
        )


def delete_schedules(apps, schema_editor):
    functions = [row[1] for row in [*INTERVALS, *DAILY]]
    apps.get_model("django_q", "Schedule").objects.filter(func__in=functions).delete()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
        ("accounts", "0001_initial"),
        ("careers", "0001_initial"),
        ("companies", "0001_initial"),
        ("contact", "0001_initial"),
        ("mail", "0001_initial"),
        ("moderation", "0001_initial"),
        ("offers", "0001_initial"),
        ("places", "0001_initial"),
        ("privacy", "0001_initial"),
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(create_groups, delete_groups),
        migrations.RunPython(create_schedules, delete_schedules),
    ]
