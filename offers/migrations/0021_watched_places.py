from django.db import migrations

from offers import triggers

# The triggers are made by the code that looks for them: see 0003. Communes and postal codes that are added or removed
# are noted too, since each process keeps them in memory.


def create_triggers(apps, schema_editor):
    triggers.ensure()


class Migration(migrations.Migration):
    dependencies = [("offers", "0020_report_and_freshness_schedules")]

    operations = [
        # Distances are measured in memory.
        migrations.RemoveIndex(model_name="place", name="place_position"),
        migrations.RunPython(create_triggers, migrations.RunPython.noop),
    ]
