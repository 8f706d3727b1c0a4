from datetime import timedelta

from django.db import migrations
from django.utils import timezone

GROUP, CODENAME = "Curation", "answer_person"
FUNCTION = "jobboard.privacy.tasks.purge_nightly"


def create(apps, schema_editor):
    # In the small hours of the night to come, and every night after.
    night = timezone.localtime().replace(hour=3, minute=20, second=0, microsecond=0) + timedelta(days=1)
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        func=FUNCTION,
        defaults={
            "name": "données personnelles\u00a0: fin de conservation",
            "schedule_type": "D",
            "next_run": night,
            "repeats": -1,
        },
    )
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="privacy", model="answer"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=CODENAME,
        defaults={"name": "Peut remettre et effacer les données d’une personne"},
    )
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    group.permissions.add(permission)


def delete(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=FUNCTION).delete()
    group = apps.get_model("auth", "Group").objects.filter(name=GROUP).first()
    if group:
        group.permissions.remove(*group.permissions.filter(codename=CODENAME, content_type__app_label="privacy"))


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0001_initial"),
        ("accounts", "0002_groups"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(create, delete)]
