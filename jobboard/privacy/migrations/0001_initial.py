import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Purge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='commencée le')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='terminée le')),
                ('done', models.JSONField(default=dict, verbose_name='effacé')),
                ('failed', models.JSONField(default=dict, verbose_name='en échec')),
            ],
            options={
                'verbose_name': 'purge',
                'verbose_name_plural': 'purges',
                'ordering': ['-started_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='FileDeletion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('storage', models.CharField(max_length=20, verbose_name='stockage')),
                ('name', models.CharField(max_length=200, verbose_name='fichier')),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='demandé le')),
                ('due_at', models.DateTimeField(editable=False, null=True, verbose_name='prochain essai')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='essais')),
                ('error', models.CharField(blank=True, editable=False, max_length=200, verbose_name='dernière erreur')),
            ],
            options={
                'verbose_name': 'fichier à effacer',
                'verbose_name_plural': 'fichiers à effacer',
                'ordering': ['-requested_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='file_deletion_due')],
            },
        ),
        migrations.CreateModel(
            name='PersonalDataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('export', 'données remises'), ('erasure', 'données effacées')], max_length=10, verbose_name='suite donnée')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                ('counts', models.JSONField(default=dict, verbose_name='lignes')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'demande d’une personne',
                'verbose_name_plural': 'demandes de personnes',
                'ordering': ['-at', '-pk'],
                'permissions': [('answer_person', 'Peut remettre et effacer les données d’une personne')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['export', 'erasure'])), name='answer_kind_known', violation_error_message='Cette suite n’existe pas.')],
            },
        ),
    ]
