from django.db import migrations

# The purge of jobboard.privacy deletes what is due in every room.
PURGE = "jobboard.contact.tasks.purge"
NAMES = {
    "jobboard.contact.tasks.send_due_mails": "contact\u00a0: e-mails en attente",
    "jobboard.contact.tasks.forget_senders": "contact\u00a0: oubli des expéditeurs",
}


def replace(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    Schedule.objects.filter(func=PURGE).delete()
    for function, name in NAMES.items():
        Schedule.objects.filter(func=function).update(name=name)


def restore(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    Schedule.objects.get_or_create(
        func=PURGE,
        defaults={
            "name": "contact: fin de conservation",
            "schedule_type": "I",
            "minutes": 24 * 60,
            "repeats": -1,
        },
    )
    for function, name in NAMES.items():
        Schedule.objects.filter(func=function).update(name=name.replace("\u00a0", ""))


class Migration(migrations.Migration):
    dependencies = [
        ("contact", "0002_schedules"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(replace, restore)]
