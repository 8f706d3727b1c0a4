import django.db.models.deletion
import django.utils.timezone
import jobboard.text.columns
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Sender',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, verbose_name='empreinte')),
                ('count', models.PositiveIntegerField(default=0, verbose_name='messages')),
                ('expires_at', models.DateTimeField(db_index=True, verbose_name='jusqu’à')),
            ],
            options={
                'verbose_name': 'expéditeur compté',
                'verbose_name_plural': 'expéditeurs comptés',
                'constraints': [models.UniqueConstraint(fields=('key',), name='sender_key_unique', violation_error_message='Cet expéditeur est déjà compté.')],
            },
        ),
        migrations.CreateModel(
            name='Lead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('recruteur', 'je recrute'), ('candidature', 'candidature ou recherche d’emploi'), ('offre', 'offre publiée sur le site'), ('compte', 'compte sur le site'), ('donnees', 'données personnelles'), ('accessibilite', 'accessibilité'), ('presse', 'presse'), ('autre', 'autre sujet')], max_length=20, verbose_name='sujet')),
                ('name', jobboard.text.columns.LineColumn(max_length=120, verbose_name='nom')),
                ('company', jobboard.text.columns.LineColumn(blank=True, max_length=120, verbose_name='entreprise')),
                ('email', jobboard.text.columns.EmailColumn(max_length=254, verbose_name='adresse e-mail')),
                ('phone', jobboard.text.columns.PhoneColumn(blank=True, max_length=128, region=None, verbose_name='téléphone')),
                ('role', jobboard.text.columns.LineColumn(blank=True, max_length=120, verbose_name='poste à pourvoir')),
                ('message', jobboard.text.columns.ProseColumn(max_length=5000, verbose_name='message')),
                ('page', jobboard.text.columns.LineColumn(blank=True, max_length=200, verbose_name='page d’origine')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='reçue le')),
                ('submission', models.UUIDField(editable=False, null=True, verbose_name='envoi')),
                ('status', models.CharField(choices=[('new', 'nouvelle'), ('contacted', 'contactée'), ('handled', 'traitée'), ('qualified', 'qualifiée'), ('won', 'gagnée'), ('lost', 'perdue')], default='new', max_length=10, verbose_name='état')),
                ('notes', models.TextField(blank=True, verbose_name='notes')),
                ('last_contact_at', models.DateTimeField(blank=True, null=True, verbose_name='dernier contact')),
                ('owner', models.ForeignKey(blank=True, limit_choices_to={'is_staff': True}, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leads', to=settings.AUTH_USER_MODEL, verbose_name='suivi par')),
            ],
            options={
                'verbose_name': 'demande de contact',
                'verbose_name_plural': 'demandes de contact',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['-created_at'], name='lead_newest'), models.Index(fields=['status', '-created_at'], name='lead_status_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['new', 'contacted', 'handled', 'qualified', 'won', 'lost'])), name='lead_status_known', violation_error_message='Cet état n’existe pas.'), models.CheckConstraint(condition=models.Q(('subject__in', ['recruteur', 'candidature', 'offre', 'compte', 'donnees', 'accessibilite', 'presse', 'autre'])), name='lead_subject_known', violation_error_message='Ce sujet n’existe pas.'), models.CheckConstraint(condition=models.Q(models.Q(('subject', 'recruteur'), _negated=True), models.Q(('company', ''), _negated=True), _connector='OR'), name='lead_company_of_recruiter', violation_error_message='Une demande de recruteur nomme son entreprise.'), models.CheckConstraint(condition=models.Q(('subject', 'recruteur'), models.Q(('status__in', ['qualified', 'won', 'lost']), _negated=True), _connector='OR'), name='lead_sales_status_of_recruiter', violation_error_message='Cet état est réservé aux demandes de recruteurs.'), models.UniqueConstraint(fields=('submission',), name='lead_submission_unique', violation_error_message='Cette demande a déjà été reçue.')],
            },
        ),
    ]
