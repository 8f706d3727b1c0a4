import django.db.models.functions.datetime
from django.db import migrations, models

# A migration should not import code that changes. Triggers are looked up by name whenever the log is followed, so the
# code is their one definition; it imports no model and creates triggers for the tables that exist.
from offers.changelog import triggers


def create_triggers(apps, schema_editor):
    triggers.create_triggers()


def drop_triggers(apps, schema_editor):
    triggers.drop_triggers()


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("careers", "0001_initial"),
        ("companies", "0001_initial"),
        ("offers", "0001_initial"),
        ("places", "0001_initial"),
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeLogEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('offer', 'Offer'), ('published', 'Published'), ('role_offers', 'Role Offers'), ('company_offers', 'Company Offers'), ('company', 'Company'), ('place', 'Place'), ('role', 'Role'), ('roles', 'Roles'), ('skill', 'Skill'), ('name', 'Name'), ('all', 'All')], max_length=16)),
                ('object_id', models.BigIntegerField()),
                ('xid', models.BigIntegerField(db_default=0, default=0)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'changement',
                'verbose_name_plural': 'changements',
                'indexes': [models.Index(fields=['xid', 'id'], name='changelog_xid'), models.Index(fields=['at'], name='changelog_at')],
            },
        ),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
