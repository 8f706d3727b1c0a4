from django.db import migrations

# name, function, minutes between two runs
SCHEDULES = [
    ("contact: e-mails en attente", "jobboard.contact.tasks.send_due_mails", 1),
    ("contact: oubli des expéditeurs", "jobboard.contact.tasks.forget_senders", 10),
    ("contact: fin de conservation", "jobboard.contact.tasks.purge", 24 * 60),
]


def create_schedules(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    for name, function, minutes in SCHEDULES:
        Schedule.objects.get_or_create(
            func=function, defaults={"name": name, "schedule_type": "I", "minutes": minutes, "repeats": -1}
        )


def delete_schedules(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func__in=[row[1] for row in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("contact", "0001_initial"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(create_schedules, delete_schedules)]
