from django.db import migrations

# Who tends the names of things tends what else people call them.
GROUP, MODEL, ACTIONS = "Curation", "synonymset", ("view", "add", "change", "delete")


def grant(apps, schema_editor):
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="offers", model=MODEL
    )
    for action in ACTIONS:
        # Made here where the database is new: Django makes its own only after the last migration, and finds this one.
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type, codename=f"{action}_{MODEL}", defaults={"name": f"Can {action} synonymes"}
        )
        group.permissions.add(permission)


def revoke(apps, schema_editor):
    granted = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="offers", content_type__model=MODEL
    )
    for group in apps.get_model("auth", "Group").objects.filter(name=GROUP):
        group.permissions.remove(*granted)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_groups"), ("offers", "0002_changes")]

    operations = [migrations.RunPython(grant, revoke)]
