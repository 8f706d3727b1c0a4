import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import jobboard.text.web_urls
import offers.companies.models.company
import offers.companies.models.joining
import uuid
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
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', jobboard.text.columns.LineColumn(max_length=120, validators=[offers.companies.models.company.validate_name], verbose_name='nom')),
                ('slug', models.SlugField(blank=True, max_length=120, unique=True, validators=[offers.companies.models.company.validate_slug], verbose_name='adresse')),
                ('name_key', models.CharField(blank=True, db_index=True, editable=False, max_length=240)),
                ('kind', models.CharField(choices=[('direct', 'Employeur direct'), ('esn', 'ESN'), ('cabinet', 'Cabinet de recrutement'), ('interim', 'Agence d’intérim')], default='direct', max_length=10, verbose_name='type d’employeur')),
                ('sector', jobboard.text.columns.LineColumn(blank=True, max_length=120, verbose_name='secteur')),
                ('size', models.CharField(blank=True, choices=[('1-9', 'Moins de 10 personnes'), ('10-49', '10 à 49 personnes'), ('50-249', '50 à 249 personnes'), ('250-4999', '250 à 4 999 personnes'), ('5000', '5 000 personnes et plus')], max_length=10, verbose_name='effectif')),
                ('website', jobboard.text.web_urls.WebURLField(blank=True, verbose_name='site')),
                ('other_names', jobboard.text.columns.LineColumn(blank=True, help_text='Marques, sigle, ancien nom, séparés par des virgules. Ils ne sont pas publiés\xa0: le contrôle du texte les cherche dans vos offres confidentielles.', max_length=200, verbose_name='autres noms')),
                ('description', jobboard.text.columns.ProseColumn(blank=True, help_text='Markdown.', max_length=20000, verbose_name='présentation')),
                ('logo', models.ImageField(blank=True, max_length=120, upload_to=offers.companies.models.company.logo_path, verbose_name='logo')),
                ('siret', offers.companies.models.company.SiretField(blank=True, help_text='Les 14 chiffres de l’établissement, espaces permis.', max_length=14, verbose_name='SIRET')),
                ('verified_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='vérifiée le')),
                ('trusted', models.BooleanField(default=False, editable=False, verbose_name='publie sans relecture')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='créée le')),
                ('answer_days', models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name='jours avant une réponse')),
                ('verified_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='vérifiée par')),
            ],
            options={
                'verbose_name': 'entreprise',
                'verbose_name_plural': 'entreprises',
                'ordering': ['name'],
                'permissions': [('trust_company', 'Peut vérifier une entreprise et la laisser publier sans relecture')],
            },
        ),
        migrations.CreateModel(
            name='CompanyEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.CharField(choices=[('trusted', 'publie sans relecture'), ('untrusted', 'est relue avant de publier'), ('verified', 'vérifiée'), ('unverified', 'vérification retirée'), ('renamed', 'renommée')], max_length=10, verbose_name='décision')),
                ('at', models.DateTimeField(verbose_name='le')),
                ('role', models.CharField(choices=[('member', 'l’entreprise'), ('team', 'l’équipe du site'), ('system', 'le site')], max_length=10, verbose_name='en qualité de')),
                ('former_name', models.CharField(blank=True, max_length=120, verbose_name='ancien nom')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='companies.company', verbose_name='entreprise')),
            ],
            options={
                'verbose_name': 'événement d’une entreprise',
                'verbose_name_plural': 'historique des entreprises',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', jobboard.text.columns.EmailColumn(max_length=254, verbose_name='adresse e-mail')),
                ('role', models.CharField(choices=[('owner', 'propriétaire'), ('recruiter', 'recrutement')], default='recruiter', max_length=10, verbose_name='rôle')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='créée le')),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='envoi demandé le')),
                ('expires_at', models.DateTimeField(default=offers.companies.models.joining.invitation_end, verbose_name='expire le')),
                ('accepted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='acceptée le')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='annulée le')),
                ('accepted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='invitations_accepted', to=settings.AUTH_USER_MODEL, verbose_name='acceptée par')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='companies.company', verbose_name='entreprise')),
                ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='invitations_sent', to=settings.AUTH_USER_MODEL, verbose_name='invitée par')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='JoinRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', jobboard.text.columns.ProseColumn(blank=True, max_length=1000, verbose_name='message')),
                ('status', models.CharField(choices=[('waiting', 'en attente'), ('accepted', 'acceptée'), ('declined', 'refusée')], default='waiting', max_length=10, verbose_name='état')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='envoyée le')),
                ('decided_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='décidée le')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='join_requests', to='companies.company', verbose_name='entreprise')),
                ('decided_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='décidée par')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='join_requests', to=settings.AUTH_USER_MODEL, verbose_name='personne')),
            ],
            options={
                'verbose_name': 'demande d’accès',
                'verbose_name_plural': 'demandes d’accès',
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'propriétaire'), ('recruiter', 'recrutement')], default='recruiter', max_length=10, verbose_name='rôle')),
                ('created_at', models.DateTimeField(auto_now_add=True, null=True, verbose_name='membre depuis')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='companies.company', verbose_name='entreprise')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='personne')),
            ],
            options={
                'verbose_name': 'membre',
                'verbose_name_plural': 'membres',
            },
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['direct', 'esn', 'cabinet', 'interim'])), name='company_kind_known', violation_error_message='Ce type d’employeur n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('siret', ''), _negated=True), ('verified_at__isnull', False)), fields=('siret',), name='company_siret_unique', violation_error_message='Une entreprise vérifiée a déjà ce numéro SIRET.'),
        ),
        migrations.AddIndex(
            model_name='companyevent',
            index=models.Index(fields=['company', '-at'], name='company_event_history'),
        ),
        migrations.AddConstraint(
            model_name='companyevent',
            constraint=models.CheckConstraint(condition=models.Q(('change__in', ['trusted', 'untrusted', 'verified', 'unverified', 'renamed'])), name='company_event_change_known', violation_error_message='Cette décision n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='companyevent',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['member', 'team', 'system'])), name='company_event_role_known', violation_error_message='Cette qualité n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('email'), condition=models.Q(('accepted_at', None), ('revoked_at', None)), name='invitation_pending_unique', violation_error_message='Cette adresse est déjà invitée.'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'recruiter'])), name='invitation_role_known', violation_error_message='Ce rôle n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None), _connector='OR'), name='invitation_ended_once', violation_error_message='Une invitation est acceptée ou annulée, pas les deux.'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('company', 'user'), name='join_request_waiting_unique', violation_error_message='Votre demande est déjà en attente.'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('status', 'waiting')), models.Q(('decided_at__isnull', False), ('status__in', ['accepted', 'declined'])), _connector='OR'), name='join_request_decided_dated', violation_error_message='Une demande acceptée ou refusée a une date de décision, et elle seule.'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('company', 'user'), name='membership_unique', violation_error_message='Cette personne est déjà membre de l’entreprise.'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'recruiter'])), name='membership_role_known', violation_error_message='Ce rôle n’existe pas.'),
        ),
        migrations.CreateModel(
            name='CompanyRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changes', models.JSONField(verbose_name='changements')),
                ('status', models.CharField(choices=[('waiting', 'à relire'), ('applied', 'acceptée'), ('declined', 'refusée'), ('dropped', 'abandonnée')], default='waiting', max_length=10, verbose_name='état')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='proposé le')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='décidé le')),
                ('justification', jobboard.text.columns.ProseColumn(blank=True, max_length=1000, verbose_name='motif de l’entreprise')),
                ('reason', models.TextField(blank=True, max_length=4000, verbose_name='motif du refus')),
                ('followed_up_at', models.DateTimeField(blank=True, null=True, verbose_name='suite donnée le')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='companies.company', verbose_name='entreprise')),
            ],
            options={
                'verbose_name': 'changement d’une entreprise',
                'verbose_name_plural': 'changements d’entreprises',
                'ordering': ['created_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('company',), name='companyrevision_one_waiting', violation_error_message='Un changement de cette entreprise attend déjà une relecture.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='companyrevision_declined_with_reason', violation_error_message='Un refus a un motif.'), models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'applied', 'declined', 'dropped'])), name='companyrevision_status_known', violation_error_message='Cet état n’existe pas.'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('status', 'waiting')), models.Q(models.Q(('status', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='companyrevision_decided_dated', violation_error_message='Une décision a une date.')],
            },
        ),
    ]
