from django.db import migrations

SCHEDULE = {
    "func": "offers.tasks.send_alerts",
    "name": "offres\u00a0: alertes",
    "schedule_type": "I",
    "minutes": 1,
    "repeats": -1,
}


def create_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.get_or_create(func=SCHEDULE["func"], defaults=SCHEDULE)


def delete_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=SCHEDULE["func"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0013_alerts"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(create_schedule, delete_schedule)]
