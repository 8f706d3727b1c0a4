from django.db import migrations

# The nightly purge looks for files that no row speaks of, in every room.
SCHEDULE = ("offres : fichiers sans candidature", "offers.tasks.sweep_files", 24 * 60)


def delete_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=SCHEDULE[1]).delete()


def create_schedule(apps, schema_editor):
    name, function, minutes = SCHEDULE
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        func=function, defaults={"name": name, "schedule_type": "I", "minutes": minutes, "repeats": -1}
    )


class Migration(migrations.Migration):
    dependencies = [("offers", "0016_expiry_schedule")]

    operations = [migrations.RunPython(delete_schedule, create_schedule)]
