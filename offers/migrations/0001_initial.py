import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import jobboard.text.columns
import jobboard.text.web_urls
import offers.models.lifecycle
import offers.models.public
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('careers', '0001_initial'),
        ('companies', '0001_initial'),
        ('places', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Skill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='nom')),
                ('slug', models.SlugField(help_text='C++\xa0: «\xa0cpp\xa0», C#\xa0: «\xa0csharp\xa0».', max_length=60, unique=True, verbose_name='adresse')),
                ('key', models.CharField(editable=False, max_length=60, unique=True)),
            ],
            options={
                'verbose_name': 'compétence',
                'verbose_name_plural': 'compétences',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', jobboard.text.columns.LineColumn(help_text='Sans «\xa0(H/F)\xa0», que les pages ajoutent.', max_length=120, verbose_name='intitulé')),
                ('status', models.CharField(choices=[('draft', 'brouillon'), ('submitted', 'à relire'), ('returned', 'à corriger'), ('published', 'publiée'), ('filled', 'pourvue'), ('expired', 'expirée'), ('withdrawn', 'retirée'), ('removed', 'supprimée')], default='draft', editable=False, max_length=10, verbose_name='état')),
                ('confidential', models.BooleanField(default=False, verbose_name='employeur confidentiel')),
                ('employer_descriptor', jobboard.text.columns.LineColumn(blank=True, help_text='À la place du nom d’un employeur confidentiel\xa0: «\xa0Éditeur de logiciel pour …\xa0».', max_length=120, verbose_name='présentation publique de l’employeur')),
                ('contract', models.CharField(choices=[('cdi', 'CDI'), ('cdd', 'CDD'), ('freelance', 'Freelance'), ('interim', 'Intérim'), ('stage', 'Stage'), ('alternance', 'Alternance')], max_length=10, verbose_name='contrat')),
                ('remote_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(5)], verbose_name='jours de télétravail par semaine')),
                ('fully_remote', models.BooleanField(default=False, verbose_name='100\xa0% télétravail')),
                ('experience', models.CharField(blank=True, choices=[('debutant', 'Débutant, moins de 2\xa0ans'), ('junior', 'Junior, 2 à 4\xa0ans'), ('confirme', 'Confirmé, 4 à 8\xa0ans'), ('expert', 'Expert, plus de 8\xa0ans')], max_length=10, verbose_name='expérience')),
                ('work_language', models.CharField(blank=True, choices=[(None, 'Non précisée'), ('fr', 'Français'), ('en', 'Anglais'), ('fr-en', 'Français et anglais')], help_text='Celle de l’équipe au quotidien\xa0: les candidats filtrent selon ce choix.', max_length=5, verbose_name='langue de travail')),
                ('pay_min', models.PositiveIntegerField(blank=True, help_text='Brut fixe par an, en euros\xa0; pour un freelance, hors taxes par jour.', null=True, verbose_name='rémunération, de (€)')),
                ('pay_max', models.PositiveIntegerField(blank=True, null=True, verbose_name='à (€)')),
                ('highlights', jobboard.text.columns.ProseColumn(blank=True, help_text='Un par ligne, six au plus.', max_length=600, verbose_name='points forts')),
                ('description', jobboard.text.columns.ProseColumn(blank=True, help_text='Markdown.', max_length=20000, verbose_name='description')),
                ('apply_url', jobboard.text.web_urls.WebURLField(blank=True, help_text='Page du site de l’employeur, en https.', validators=[jobboard.text.web_urls.validate_https], verbose_name='adresse pour postuler')),
                ('external_reference', jobboard.text.columns.LineColumn(blank=True, max_length=80, verbose_name='référence de l’employeur')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='créée le')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifiée le')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publiée le')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expire le')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmée le')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='fermée le')),
                ('waiting_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='attend une relecture depuis')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='companies.company', verbose_name='entreprise')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='places.place', verbose_name='commune')),
                ('role', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='offers', to='careers.role', verbose_name='métier')),
                ('skills', models.ManyToManyField(blank=True, related_name='offers', to='offers.skill', verbose_name='compétences')),
            ],
            options={
                'verbose_name': 'offre',
                'verbose_name_plural': 'offres',
                'ordering': ['-published_at', '-pk'],
                'permissions': [('moderate_offer', 'Peut relire, accepter, renvoyer et supprimer des offres')],
            },
            bases=(offers.models.public.PublicOffer, offers.models.lifecycle.OfferLifecycle, models.Model),
        ),
        migrations.CreateModel(
            name='SkillAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='autre nom')),
                ('key', models.CharField(editable=False, max_length=60, unique=True)),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='offers.skill', verbose_name='compétence')),
            ],
            options={
                'verbose_name': 'autre nom',
                'verbose_name_plural': 'autres noms',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='OfferEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('submit', 'soumise à relecture'), ('publish', 'publiée'), ('return_', 'renvoyée pour correction'), ('renew', 'renouvelée'), ('confirm', 'confirmée'), ('fill', 'marquée pourvue'), ('withdraw', 'retirée'), ('reopen', 'reprise en brouillon'), ('expire', 'arrivée à expiration'), ('remove', 'supprimée du site'), ('restore', 'rétablie en brouillon'), ('propose', 'changée sous réserve de relecture'), ('amend', 'modifiée en ligne'), ('accept', 'mise à jour'), ('decline', 'maintenue sans le changement proposé')], max_length=10, verbose_name='acte')),
                ('before', models.CharField(choices=[('draft', 'brouillon'), ('submitted', 'à relire'), ('returned', 'à corriger'), ('published', 'publiée'), ('filled', 'pourvue'), ('expired', 'expirée'), ('withdrawn', 'retirée'), ('removed', 'supprimée')], max_length=10, verbose_name='de l’état')),
                ('after', models.CharField(choices=[('draft', 'brouillon'), ('submitted', 'à relire'), ('returned', 'à corriger'), ('published', 'publiée'), ('filled', 'pourvue'), ('expired', 'expirée'), ('withdrawn', 'retirée'), ('removed', 'supprimée')], max_length=10, verbose_name='à l’état')),
                ('at', models.DateTimeField(verbose_name='le')),
                ('role', models.CharField(choices=[('member', 'l’entreprise'), ('team', 'l’équipe du site'), ('system', 'le site')], max_length=10, verbose_name='en qualité de')),
                ('reason', models.TextField(blank=True, max_length=4000, verbose_name='motif')),
                ('justification', jobboard.text.columns.ProseColumn(blank=True, max_length=1000, verbose_name='pourquoi le texte est justifié')),
                ('requested_at', models.DateTimeField(blank=True, null=True, verbose_name='publication demandée le')),
                ('request_source', models.CharField(blank=True, max_length=200, verbose_name='demande reçue de')),
                ('version', models.JSONField(blank=True, null=True, verbose_name='version publiée')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='publication demandée par')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='offers.offer', verbose_name='offre')),
                ('on_behalf_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='companies.company', verbose_name='pour le compte de')),
            ],
            options={
                'verbose_name': 'événement d’une offre',
                'verbose_name_plural': 'historique des offres',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['offer', '-at', '-id'], name='offer_event_history')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verb__in', ['submit', 'publish', 'return_', 'renew', 'confirm', 'fill', 'withdraw', 'reopen', 'expire', 'remove', 'restore', 'propose', 'amend', 'accept', 'decline'])), name='offer_event_verb_known', violation_error_message='Cet acte n’existe pas.'), models.CheckConstraint(condition=models.Q(('role__in', ['member', 'team', 'system'])), name='offer_event_role_known', violation_error_message='Cette qualité n’existe pas.')],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='rang')),
                ('text', jobboard.text.columns.LineColumn(max_length=200, verbose_name='question')),
                ('required', models.BooleanField(default=False, verbose_name='réponse obligatoire')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='offers.offer', verbose_name='offre')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('offer', 'position'), name='question_position_unique', violation_error_message='Une autre question de l’offre a déjà ce rang.'), models.CheckConstraint(condition=models.Q(('position__range', (1, 5))), name='question_within_maximum', violation_error_message='Une offre pose 5 questions au plus.'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='question_not_empty', violation_error_message='La question est vide.')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changes', models.JSONField(verbose_name='changements')),
                ('status', models.CharField(choices=[('waiting', 'à relire'), ('applied', 'acceptée'), ('declined', 'refusée'), ('dropped', 'abandonnée')], default='waiting', max_length=10, verbose_name='état')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='proposé le')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='décidé le')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='offers.offer', verbose_name='offre')),
            ],
            options={
                'verbose_name': 'changement proposé',
                'verbose_name_plural': 'changements proposés',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('offer',), name='revision_one_waiting', violation_error_message='Un changement de cette offre attend déjà une relecture.'), models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'applied', 'declined', 'dropped'])), name='revision_status_known', violation_error_message='Cet état n’existe pas.'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('status', 'waiting')), models.Q(models.Q(('status', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='revision_decided_dated', violation_error_message='Une décision a une date.')],
            },
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(models.F('status'), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='offer_newest'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(models.F('status'), models.OrderBy(django.db.models.functions.comparison.Coalesce('pay_max', 0), descending=True), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='offer_best_paid'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['status', 'expires_at'], name='offer_expiry'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['role', 'status', 'published_at', 'expires_at', 'contract', 'pay_min', 'pay_max'], name='offer_of_role'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['waiting_since', 'id'], name='offer_waiting'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'returned', 'published', 'filled', 'expired', 'withdrawn', 'removed'])), name='offer_status_known', violation_error_message='Cet état n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('contract__in', ['cdi', 'cdd', 'freelance', 'interim', 'stage', 'alternance'])), name='offer_contract_known', violation_error_message='Ce contrat n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('work_language__in', ['', 'fr', 'en', 'fr-en'])), name='offer_work_language_known', violation_error_message='Cette langue de travail n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pay_max__isnull', True), ('pay_min__isnull', True)), models.Q(('pay_max__isnull', False), ('pay_min__gt', 0), ('pay_min__isnull', False), ('pay_min__lte', models.F('pay_max'))), _connector='OR'), name='offer_pay_ordered', violation_error_message='La rémunération se donne en fourchette, du plus petit au plus grand montant.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('remote_days__isnull', True), ('remote_days__lte', 5), _connector='OR'), name='offer_remote_days_in_week', violation_error_message='Une semaine compte cinq jours de travail.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('fully_remote', False), models.Q(('remote_days', 5), ('remote_days__isnull', False)), _connector='OR'), name='offer_fully_remote_five_days', violation_error_message='Une offre à 100\xa0%% en télétravail compte cinq jours de télétravail.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('place__isnull', False), ('fully_remote', True), ('status__in', ['draft', 'withdrawn', 'removed']), _connector='OR'), name='offer_placed', violation_error_message='Une offre a une commune, sauf à 100\xa0%% en télétravail.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('company__isnull', False), ('confidential', True), _connector='OR'), name='offer_employer_known', violation_error_message='Une offre porte le nom d’une entreprise, sauf employeur confidentiel.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'returned', 'withdrawn', 'removed']), models.Q(('expires_at__gt', models.F('published_at')), ('expires_at__isnull', False), ('published_at__isnull', False)), _connector='OR'), name='offer_published_dated', violation_error_message='Une offre publiée a une date de publication et expire après elle.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status__in', ['draft', 'submitted', 'returned', 'published'])), models.Q(('closed_at__isnull', False), ('status__in', ['filled', 'expired', 'withdrawn', 'removed'])), _connector='OR'), name='offer_closed_dated', violation_error_message='Une offre pourvue, expirée, retirée ou supprimée a une date de fermeture, et elle seule.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'submitted'), ('waiting_since__isnull', False)), ('status', 'published'), models.Q(models.Q(('status__in', ['submitted', 'published']), _negated=True), ('waiting_since__isnull', True)), _connector='OR'), name='offer_waiting_dated', violation_error_message='Une offre à relire attend depuis une date.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('apply_url', ''), ('apply_url__startswith', 'https://'), _connector='OR'), name='offer_apply_url_https', violation_error_message='L’adresse pour postuler commence par https://.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('apply_url', ''), ('confidential', False), _connector='OR'), name='offer_apply_url_not_confidential', violation_error_message='Une adresse pour postuler dévoilerait un employeur confidentiel.'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('external_reference', ''), _negated=True), fields=('company', 'external_reference'), name='offer_reference_unique', violation_error_message='Cette entreprise a déjà une offre sous cette référence.'),
        ),
    ]
