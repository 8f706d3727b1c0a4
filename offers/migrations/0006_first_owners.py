from django.db import migrations
from django.db.models import Min

from offers import triggers


def first_members_own(apps, schema_editor):
    """Who came first to a company that had no roles yet is its owner."""
    Membership = apps.get_model("offers", "Membership")
    owned = Membership.objects.filter(role="owner").values("company")
    first = Membership.objects.exclude(company__in=owned).values("company").annotate(first=Min("pk")).values("first")
    Membership.objects.filter(pk__in=list(first.values_list("first", flat=True))).update(role="owner")


def make_triggers(apps, schema_editor):
    # SQLite has dropped those of the table that the last migration rebuilt.
    triggers.ensure()


class Migration(migrations.Migration):
    dependencies = [("offers", "0005_company_teams")]

    operations = [
        migrations.RunPython(first_members_own, migrations.RunPython.noop),
        migrations.RunPython(make_triggers, migrations.RunPython.noop),
    ]
