from django.db import migrations

# Who reads offers before the public does, and what with.
GROUPS = ("Curation", "Modération")
PERMISSIONS = [
    ("offer", "moderate_offer"),
    ("offerevent", "view_offerevent"),
    ("companyevent", "view_companyevent"),
    ("returnreason", "view_returnreason"),
    ("returnreason", "add_returnreason"),
    ("returnreason", "change_returnreason"),
    ("returnreason", "delete_returnreason"),
]
# Who may decide that a company publishes without being read.
CURATORS, TRUST = "Curation", ("company", "trust_company")


def grant(apps, schema_editor):
    for group in GROUPS:
        _give(apps, group, PERMISSIONS)
    _give(apps, CURATORS, [TRUST])


def _give(apps, name, permissions):
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
    for model, codename in permissions:
        content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="offers", model=model
        )
        # Made here where the database is new: Django makes its own only after the last migration, and finds this one.
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": codename}
        )
        group.permissions.add(permission)


def revoke(apps, schema_editor):
    codenames = [codename for _, codename in [*PERMISSIONS, TRUST]]
    granted = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="offers", codename__in=codenames
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.remove(*granted)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_wording"), ("offers", "0015_workflow")]

    operations = [migrations.RunPython(grant, revoke)]
