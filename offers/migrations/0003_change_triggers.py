from django.db import migrations, models

from offers import triggers

# A migration should not import the project's own code, which will have moved on by the time it runs. Here it must:
# the triggers are looked for by name whenever the log is followed, so they are defined in one place and that place is
# the code. It imports no model and makes triggers for the tables that there are.

SCHEDULE = {
    "func": "offers.tasks.prune_changes",
    "name": "offres\u00a0: journal des changements",
    "schedule_type": "I",
    "minutes": 24 * 60,
    "repeats": -1,
}


def create_triggers(apps, schema_editor):
    triggers.ensure()


def drop_triggers(apps, schema_editor):
    triggers.drop()


def create_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.get_or_create(func=SCHEDULE["func"], defaults=SCHEDULE)


def delete_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=SCHEDULE["func"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("careers", "0001_initial"),
        ("offers", "0002_changes"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.CharField(
                choices=[
                    ("offer", "Offer"),
                    ("company", "Company"),
                    ("place", "Place"),
                    ("words", "Words"),
                    ("page", "Page"),
                    ("all", "All"),
                ],
                max_length=7,
            ),
        ),
        migrations.RunPython(create_triggers, drop_triggers),
        migrations.RunPython(create_schedule, delete_schedule),
    ]
