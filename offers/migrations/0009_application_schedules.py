from django.db import migrations

# name, function, minutes between two runs
SCHEDULES = [
    ("offres : e-mails des candidatures", "offers.tasks.send_application_mails", 1),
    ("offres : vérification des CV", "offers.tasks.check_cvs", 1),
    ("offres : fichiers de formulaires oubliés", "offers.tasks.forget_uploads", 10),
    ("offres : délais de réponse", "offers.tasks.measure_answers", 24 * 60),
    ("offres : fichiers sans candidature", "offers.tasks.sweep_files", 24 * 60),
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
        ("offers", "0008_audience_schedule"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(create_schedules, delete_schedules)]
