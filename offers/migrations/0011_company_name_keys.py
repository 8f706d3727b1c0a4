from django.db import migrations

from jobboard.text.keys import search_key
from offers import triggers

# As offers.models.company.name_key made them when this migration was written; the model makes them anew at each save.
LEGAL_FORMS = {"sas", "sasu", "sa", "sarl", "eurl", "scop", "gie", "selarl", "groupe", "group", "france"}


def fill(apps, schema_editor):
    Company = apps.get_model("offers", "Company")
    companies = []
    for company in Company.objects.filter(name_key="").only("name").iterator():
        words = search_key(company.name).split()
        company.name_key = "".join([word for word in words if word not in LEGAL_FORMS] or words)
        companies.append(company)
    Company.objects.bulk_update(companies, ["name_key"], batch_size=500)


def make_triggers(apps, schema_editor):
    # SQLite has dropped those of the table that the last migration rebuilt.
    triggers.ensure()


class Migration(migrations.Migration):
    dependencies = [("offers", "0010_company_names")]

    operations = [
        migrations.RunPython(make_triggers, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
