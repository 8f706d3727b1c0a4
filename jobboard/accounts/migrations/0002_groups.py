from django.db import migrations

EVERYTHING = ("view", "add", "change", "delete")
# What each group may do: app, model, actions. To view a model is also what its autocomplete fields need.
GROUPS = {
    "Curation": [
        ("careers", "role", EVERYTHING),
        ("careers", "roleentry", EVERYTHING),
        ("careers", "roletitle", EVERYTHING),
        ("careers", "salaryband", EVERYTHING),
        ("careers", "faqentry", EVERYTHING),
        ("offers", "offer", EVERYTHING),
        ("offers", "company", EVERYTHING),
        # Whom a company's rooms are open to is for those who manage accounts to decide.
        ("offers", "membership", ("view",)),
        ("offers", "skill", EVERYTHING),
        ("offers", "skillalias", EVERYTHING),
        ("offers", "place", ("view",)),
    ],
    "Modération": [
        ("careers", "role", ("view",)),
        ("offers", "offer", ("view", "change")),
        ("offers", "company", ("view", "change")),
        ("offers", "skill", EVERYTHING),
        ("offers", "skillalias", EVERYTHING),
        ("offers", "place", ("view",)),
    ],
    "Commercial": [
        ("contact", "lead", EVERYTHING),
    ],
}


def create_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, rights in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(
            *(permission(apps, app, model, action) for app, model, actions in rights for action in actions)
        )


def permission(apps, app, model, action):
    """The permission, made here where the database is new: Django makes its own only after the last migration.

    Django then finds it by content type and code name, and makes no second one.
    """
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=f"{action}_{model}",
        defaults={"name": f"Can {action} {apps.get_model(app, model)._meta.verbose_name}"},
    )
    return found


def delete_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("careers", "0001_initial"),
        ("contact", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("offers", "0001_initial"),
    ]

    operations = [migrations.RunPython(create_groups, delete_groups)]
