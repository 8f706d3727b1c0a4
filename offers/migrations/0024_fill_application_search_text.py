from django.db import migrations

from jobboard.text.keys import search_key


def fill(apps, schema_editor):
    Application = apps.get_model("offers", "Application")
    last = 0
    while rows := list(Application.objects.filter(pk__gt=last).order_by("pk").only("name", "email", "message")[:500]):
        for row in rows:
            # As offers.models.application makes it at each save.
            row.search_text = search_key(f"{row.name} {row.email} {row.message}")
        Application.objects.bulk_update(rows, ["search_text"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("offers", "0023_application_search_text")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
