import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import jobboard.text.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('offers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', jobboard.text.columns.EmailColumn(max_length=254, verbose_name='adresse e-mail')),
                ('query', models.CharField(blank=True, max_length=1500, verbose_name='recherche')),
                ('label', models.CharField(max_length=300, verbose_name='en mots')),
                ('frequency', models.CharField(choices=[('daily', 'chaque jour'), ('weekly', 'chaque semaine')], default='daily', max_length=10, verbose_name='fréquence')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='demandée le')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmée le')),
                ('paused_at', models.DateTimeField(editable=False, null=True, verbose_name='suspendue le')),
                ('unsubscribed_at', models.DateTimeField(editable=False, null=True, verbose_name='arrêtée le')),
                ('follows_from', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='suit les offres parues depuis')),
                ('covered_until', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='à jour jusqu’au')),
                ('due_at', models.DateTimeField(editable=False, null=True, verbose_name='prochain envoi')),
                ('last_sent_at', models.DateTimeField(editable=False, null=True, verbose_name='dernier envoi')),
                ('refused_at', models.DateTimeField(editable=False, null=True, verbose_name='adresse en refus le')),
                ('claim', models.UUIDField(editable=False, null=True, verbose_name='prise par')),
                ('claimed_until', models.DateTimeField(editable=False, null=True, verbose_name='prise jusqu’à')),
            ],
            options={
                'verbose_name': 'alerte',
                'verbose_name_plural': 'alertes',
                'ordering': ['created_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'query'], name='alert_due'), models.Index(condition=models.Q(('claim__isnull', False)), fields=['claim'], name='alert_claim')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('query'), condition=models.Q(('unsubscribed_at__isnull', True)), name='alert_unique', violation_error_message='Cette adresse a déjà une alerte pour cette recherche.'), models.CheckConstraint(condition=models.Q(('frequency__in', ['daily', 'weekly'])), name='alert_frequency_known', violation_error_message='Cette fréquence n’existe pas.'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('due_at__isnull', False), ('paused_at__isnull', True), ('unsubscribed_at__isnull', True)), models.Q(models.Q(('confirmed_at__isnull', True), ('paused_at__isnull', False), ('unsubscribed_at__isnull', False), _connector='OR'), ('due_at__isnull', True)), _connector='OR'), name='alert_due_while_it_runs', violation_error_message='Une alerte confirmée, ni suspendue ni arrêtée, a un envoi prévu.')],
            },
        ),
        migrations.CreateModel(
            name='AlertDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailed_at', models.DateTimeField(verbose_name='envoyée le')),
                ('alert', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='alerts.alert', verbose_name='alerte')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='offers.offer', verbose_name='offre')),
            ],
            options={
                'verbose_name': 'offre envoyée',
                'verbose_name_plural': 'offres envoyées',
                'constraints': [models.UniqueConstraint(fields=('alert', 'offer'), name='alert_delivery_once', violation_error_message='Cette alerte a déjà envoyé cette offre.')],
            },
        ),
    ]
