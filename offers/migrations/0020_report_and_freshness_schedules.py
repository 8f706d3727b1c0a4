from datetime import timedelta

from django.db import migrations
from django.utils import timezone

MINUTES = [
    ("offres\u00a0: e-mails des signalements", "offers.tasks.send_report_mails"),
    ("offres\u00a0: e-mails de relance", "offers.tasks.send_freshness_mails"),
]
DAILY = ("offres\u00a0: relances", "offers.tasks.ask_recruiters")


def create(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    for name, function in MINUTES:
        Schedule.objects.get_or_create(
            func=function, defaults={"name": name, "schedule_type": "I", "minutes": 1, "repeats": -1}
        )
    name, function = DAILY
    # At the hour when people open their mail.
    morning = timezone.localtime().replace(hour=7, minute=30, second=0, microsecond=0) + timedelta(days=1)
    Schedule.objects.get_or_create(
        func=function, defaults={"name": name, "schedule_type": "D", "next_run": morning, "repeats": -1}
    )


def delete(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    Schedule.objects.filter(func__in=[function for _, function in [*MINUTES, DAILY]]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0019_reports_and_freshness"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(create, delete)]
