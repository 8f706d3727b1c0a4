import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import jobboard.storage
import jobboard.text.columns
import offers.applications.models.application
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
            name='PendingUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(max_length=120, storage=jobboard.storage.private_storage, upload_to=offers.applications.models.application.cv_path, verbose_name='fichier')),
                ('name', models.CharField(max_length=100, verbose_name='nom d’origine')),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='reçu le')),
            ],
            options={
                'verbose_name': 'fichier en attente',
                'verbose_name_plural': 'fichiers en attente',
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='identifiant public')),
                ('name', jobboard.text.columns.LineColumn(max_length=120, verbose_name='nom')),
                ('email', jobboard.text.columns.EmailColumn(max_length=254, verbose_name='adresse e-mail')),
                ('phone', jobboard.text.columns.PhoneColumn(blank=True, max_length=128, region=None, verbose_name='téléphone')),
                ('message', jobboard.text.columns.ProseColumn(max_length=5000, verbose_name='message')),
                ('answers', models.JSONField(blank=True, default=list, verbose_name='réponses')),
                ('search_text', models.TextField(default='', editable=False, verbose_name='texte cherché')),
                ('keep_for_others', models.BooleanField(default=False, verbose_name='gardée pour d’autres offres')),
                ('cv', models.FileField(blank=True, max_length=120, storage=jobboard.storage.private_storage, upload_to=offers.applications.models.application.cv_path, verbose_name='CV')),
                ('cv_name', models.CharField(blank=True, max_length=100, verbose_name='nom du fichier')),
                ('cv_state', models.CharField(choices=[('waiting', 'en cours de vérification'), ('safe', 'vérifié'), ('flagged', 'à ouvrir avec prudence'), ('refused', 'refusé')], default='waiting', max_length=10, verbose_name='état du CV')),
                ('cv_reason', models.CharField(blank=True, max_length=200, verbose_name='remarque sur le CV')),
                ('cv_due_at', models.DateTimeField(editable=False, null=True, verbose_name='prochaine vérification')),
                ('cv_error', models.CharField(blank=True, editable=False, max_length=200, verbose_name='échec de la vérification')),
                ('cv_attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='vérifications')),
                ('status', models.CharField(choices=[('received', 'reçue'), ('seen', 'vue'), ('discussion', 'en discussion'), ('declined', 'non retenue'), ('hired', 'embauche'), ('withdrawn', 'retirée')], default='received', editable=False, max_length=10, verbose_name='état')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='reçue le')),
                ('seen_at', models.DateTimeField(editable=False, null=True, verbose_name='vue le')),
                ('answered_at', models.DateTimeField(editable=False, null=True, verbose_name='première réponse le')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='décidée le')),
                ('last_contact_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='dernier contact')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='offers.offer', verbose_name='offre')),
            ],
            options={
                'verbose_name': 'candidature',
                'verbose_name_plural': 'candidatures',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ApplicationConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given', models.BooleanField(verbose_name='donné')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='applications.application', verbose_name='candidature')),
            ],
            options={
                'verbose_name': 'accord de conservation',
                'verbose_name_plural': 'accords de conservation',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ApplicationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('received', 'reçue'), ('seen', 'vue'), ('discussion', 'en discussion'), ('declined', 'non retenue'), ('hired', 'embauche'), ('withdrawn', 'retirée')], max_length=10, verbose_name='état')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                ('message', models.TextField(blank=True, max_length=5000, verbose_name='message envoyé')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='applications.application', verbose_name='candidature')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'étape d’une candidature',
                'verbose_name_plural': 'étapes d’une candidature',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ApplicationNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='note')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='écrite le')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='applications.application', verbose_name='candidature')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='de')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CvAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cv_accesses', to='applications.application', verbose_name='candidature')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'ouverture d’un CV',
                'verbose_name_plural': 'ouvertures de CV',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(models.F('offer'), models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='application_offer_newest'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(django.db.models.functions.text.Lower('email'), name='application_email'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('decided_at__isnull', False), ('keep_for_others', False)), fields=['decided_at'], name='application_decided'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('decided_at__isnull', True), ('keep_for_others', False)), fields=['offer'], name='application_undecided'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('keep_for_others', True)), fields=['last_contact_at'], name='application_kept'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('cv_due_at__isnull', False)), fields=['cv_due_at'], name='application_cv_due'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('cv_state', 'waiting')), fields=['created_at'], name='application_cv_waiting'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('answered_at__isnull', False)), fields=['answered_at'], name='application_answered'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(models.F('offer'), django.db.models.functions.text.Lower('email'), name='application_once_per_offer', violation_error_message='Une candidature à cette offre porte déjà cette adresse.'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(fields=('public_id',), name='application_public_id_unique', violation_error_message='Cet identifiant est déjà pris.'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['received', 'seen', 'discussion', 'declined', 'hired', 'withdrawn'])), name='application_status_known', violation_error_message='Cet état n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('status__in', ['declined', 'hired', 'withdrawn'])), models.Q(models.Q(('status__in', ['declined', 'hired', 'withdrawn']), _negated=True), ('decided_at__isnull', True)), _connector='OR'), name='application_decided_dated', violation_error_message='Une candidature décidée a la date de la décision, et elle seule.'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('cv_state__in', ['waiting', 'safe', 'flagged', 'refused'])), name='application_cv_state_known', violation_error_message='Cet état du CV n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cv_state', 'refused'), _negated=True), ('cv', ''), _connector='OR'), name='application_cv_refused_is_gone', violation_error_message='Un CV refusé n’est pas gardé.'),
        ),
        migrations.AddConstraint(
            model_name='applicationevent',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['received', 'seen', 'discussion', 'declined', 'hired', 'withdrawn'])), name='application_event_status_known', violation_error_message='Cet état n’existe pas.'),
        ),
    ]
