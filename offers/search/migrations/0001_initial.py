from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SynonymSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(help_text='Séparés par des virgules\xa0; une expression de plusieurs mots en est une aussi.', max_length=500, verbose_name='mots')),
                ('kind', models.CharField(choices=[('same', 'équivalents'), ('also', 'le premier trouve aussi les autres'), ('sub', 'le premier trouve aussi les autres, plus précis, mais après')], default='same', max_length=4, verbose_name='sens')),
                ('active', models.BooleanField(default=True, verbose_name='employés par la recherche')),
                ('shipped_as', models.CharField(blank=True, editable=False, max_length=500)),
            ],
            options={
                'verbose_name': 'synonymes',
                'verbose_name_plural': 'synonymes',
                'ordering': ['words'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('shipped_as', ''), _negated=True), fields=('shipped_as',), name='synonyms_shipped_once')],
            },
        ),
    ]
