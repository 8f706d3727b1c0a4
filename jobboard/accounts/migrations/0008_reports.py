from django.db import migrations

# Who reads offers before the public does reads what the public says of them.
GROUPS, MODEL, CODENAME = ("Curation", "Modération"), "report", "view_report"


def grant(apps, schema_editor):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="offers", model=MODEL
    )
    # Made here where the database is new: Django makes its own only after the last migration, and finds this one.
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=CODENAME, defaults={"name": "Can view signalement"}
    )
    for name in GROUPS:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)[0].permissions.add(permission)


def revoke(apps, schema_editor):
    granted = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="offers", content_type__model=MODEL, codename=CODENAME
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.remove(*granted)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_moderation"), ("offers", "0019_reports_and_freshness")]

    operations = [migrations.RunPython(grant, revoke)]
