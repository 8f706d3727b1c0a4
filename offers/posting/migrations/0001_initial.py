import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('offers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NewDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(verbose_name='clé d’envoi')),
                ('offer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='offers.offer', verbose_name='brouillon')),
            ],
            options={
                'verbose_name': 'brouillon créé',
                'verbose_name_plural': 'brouillons créés',
                'constraints': [models.UniqueConstraint(fields=('key',), name='new_draft_key_unique', violation_error_message='Ce brouillon est déjà créé.')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='identifiant public')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='créé le')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to=settings.AUTH_USER_MODEL, verbose_name='destinataire')),
            ],
            options={
                'verbose_name': 'relance par e-mail',
                'verbose_name_plural': 'relances par e-mail',
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirm', 'à confirmer'), ('week', 'expire dans la semaine'), ('day', 'expire demain')], max_length=7, verbose_name='sorte')),
                ('since', models.DateTimeField(verbose_name='depuis')),
                ('run', models.UUIDField(verbose_name='passage')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='offers.offer', verbose_name='offre')),
                ('reminders', models.ManyToManyField(related_name='notices', to='posting.reminder', verbose_name='relances par e-mail')),
            ],
            options={
                'verbose_name': 'relance',
                'verbose_name_plural': 'relances',
            },
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('public_id',), name='reminder_public_id_unique', violation_error_message='Cet identifiant est déjà pris.'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['run'], name='notice_run'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('offer', 'kind', 'since'), name='notice_once', violation_error_message='Cette relance est déjà partie.'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['confirm', 'week', 'day'])), name='notice_kind_known', violation_error_message='Cette sorte de relance n’existe pas.'),
        ),
    ]
