from django.db import migrations

# Who tends the names of things tends the words that offers had better not contain; moderators look them up.
MODEL = "wordingterm"
RIGHTS = {"Curation": ("view", "add", "change", "delete"), "Modération": ("view",)}


def grant(apps, schema_editor):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="offers", model=MODEL
    )
    for name, actions in RIGHTS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for action in actions:
            # Made here where the database is new: Django makes its own only after the last migration, and finds this.
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=content_type,
                codename=f"{action}_{MODEL}",
                defaults={"name": f"Can {action} tournure à relire"},
            )
            group.permissions.add(permission)


def revoke(apps, schema_editor):
    granted = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="offers", content_type__model=MODEL
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=RIGHTS):
        group.permissions.remove(*granted)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_schedule"), ("offers", "0012_wording_terms")]

    operations = [migrations.RunPython(grant, revoke)]
