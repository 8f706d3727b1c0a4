import django.db.models.deletion
import django.utils.timezone
import jobboard.text.columns
from django.conf import settings
from django.db import migrations, models


REASONS = [
    (
        "Rémunération absente ou trop large",
        "La rémunération manque ou sa fourchette est trop large pour renseigner qui postule. "
        "Indiquez un minimum et un maximum proches de ce que vous pensez proposer.",
    ),
    (
        "Critère discriminatoire",
        "Le passage « … » écarte des personnes sur un critère interdit (code du travail, art. L1132-1). "
        "Retirez-le ou décrivez plutôt ce que le poste demande.",
    ),
    (
        "Limite d’âge",
        "Le passage « … » fixe un âge maximal, ce que la loi interdit dans une offre (code du travail, art. L5331-2). "
        "Indiquez l’expérience attendue.",
    ),
    (
        "Coordonnées dans le texte",
        "Le texte contient une adresse ou un numéro (« … »). Les candidatures passent par le formulaire du site ou par "
        "l’adresse web prévue pour cela\u00a0: retirez-le du texte.",
    ),
    (
        "Description trop courte",
        "La description ne permet pas de savoir en quoi consiste le poste. "
        "Précisez les missions, l’équipe et l’environnement technique.",
    ),
    (
        "Intitulé à reprendre",
        "L’intitulé ne nomme pas clairement le métier. Écrivez-le sans majuscules continues, ni ponctuation d’appel, "
        "ni rémunération.",
    ),
    ("Offre en double", "Cette offre répète une autre de vos offres\u00a0: « … ». Une seule suffit."),
    (
        "Hors du champ du site",
        "Le site publie des offres d’emploi de l’informatique en France. Celle-ci n’en relève pas\u00a0: …",
    ),
]


def create_reasons(apps, schema_editor):
    ReturnReason = apps.get_model("moderation", "ReturnReason")
    for number, (title, text) in enumerate(REASONS, start=1):
        text = text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
        ReturnReason.objects.get_or_create(title=title, defaults={"text": text, "position": 10 * number})


def delete_reasons(apps, schema_editor):
    apps.get_model("moderation", "ReturnReason").objects.filter(title__in=[title for title, _ in REASONS]).delete()


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('offers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80, unique=True, verbose_name='titre')),
                ('text', models.TextField(help_text='Repris dans l’e-mail\xa0; modifiable avant l’envoi.', max_length=2000, verbose_name='texte')),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='rang')),
            ],
            options={
                'verbose_name': 'motif de renvoi',
                'verbose_name_plural': 'motifs de renvoi',
                'ordering': ['position', 'title'],
            },
        ),
        migrations.CreateModel(
            name='WordingTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(choices=[('age', 'âge'), ('sex', 'sexe'), ('family', 'famille et grossesse'), ('origin', 'origine et nationalité'), ('belief', 'opinions et religion'), ('appearance', 'apparence physique'), ('health', 'santé et handicap'), ('residence', 'lieu de résidence'), ('orientation', 'vie privée et orientation'), ('money', 'argent demandé aux candidats'), ('contact', 'coordonnées dans le texte'), ('foreign', 'mot étranger'), ('title', 'intitulé'), ('pay_history', 'rémunération passée')], max_length=12, verbose_name='sujet')),
                ('effect', models.CharField(choices=[('error', 'bloque l’envoi'), ('warning', 'avertit'), ('allowed', 'est permis')], default='warning', max_length=7, verbose_name='effet')),
                ('phrase', models.CharField(max_length=300, verbose_name='tournure')),
                ('title_only', models.BooleanField(default=False, verbose_name='dans l’intitulé seulement')),
                ('advice', models.CharField(blank=True, help_text='Ce que l’on peut écrire\xa0; pour un mot étranger, ses équivalents, séparés par des virgules.', max_length=200, verbose_name='à la place')),
                ('active', models.BooleanField(default=True, verbose_name='employée')),
                ('shipped_as', models.CharField(blank=True, editable=False, max_length=550)),
            ],
            options={
                'verbose_name': 'tournure à relire',
                'verbose_name_plural': 'tournures à relire',
                'ordering': ['category', 'effect', 'phrase'],
                'constraints': [models.UniqueConstraint(fields=('category', 'phrase', 'title_only'), name='wording_term_unique', violation_error_message='Cette tournure figure déjà à ce sujet.'), models.UniqueConstraint(condition=models.Q(('shipped_as', ''), _negated=True), fields=('shipped_as',), name='wording_term_shipped_once'), models.CheckConstraint(condition=models.Q(('category__in', ['age', 'sex', 'family', 'origin', 'belief', 'appearance', 'health', 'residence', 'orientation', 'money', 'contact', 'foreign', 'title', 'pay_history']), ('effect__in', ['error', 'warning', 'allowed'])), name='wording_term_known', violation_error_message='Ce sujet ou cet effet n’existe pas.')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('fraud', 'Elle est fausse, ou c’est une escroquerie'), ('money', 'Elle demande de l’argent'), ('discrimination', 'Elle discrimine'), ('personal', 'Elle expose des données personnelles'), ('illegal', 'Elle est illégale pour une autre raison'), ('closed', 'Le poste est déjà pourvu ou n’existe plus'), ('other', 'Autre chose')], max_length=14, verbose_name='motif')),
                ('explanation', jobboard.text.columns.ProseColumn(max_length=3000, verbose_name='explication')),
                ('name', jobboard.text.columns.LineColumn(blank=True, max_length=120, verbose_name='nom')),
                ('email', jobboard.text.columns.EmailColumn(blank=True, max_length=254, verbose_name='adresse e-mail')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='reçu le')),
                ('submission', models.UUIDField(editable=False, verbose_name='envoi')),
                ('decision', models.CharField(blank=True, choices=[('none', 'rien à corriger'), ('correct', 'offre à corriger'), ('remove', 'offre supprimée')], editable=False, max_length=8, verbose_name='décision')),
                ('statement', models.TextField(blank=True, editable=False, max_length=3000, verbose_name='raisons de la décision')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='décidé le')),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='décidé par')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='offers.offer', verbose_name='offre')),
            ],
            options={
                'verbose_name': 'signalement',
                'verbose_name_plural': 'signalements',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(models.F('decision'), models.F('created_at'), models.F('id'), name='report_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__in', ['fraud', 'money', 'discrimination', 'personal', 'illegal', 'closed', 'other'])), name='report_reason_known', violation_error_message='Ce motif n’existe pas.'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decision', '')), models.Q(('decided_at__isnull', False), ('decision__in', ['none', 'correct', 'remove']), models.Q(('statement', ''), _negated=True)), _connector='OR'), name='report_decided_with_reasons', violation_error_message='Une décision a une date et des raisons.'), models.UniqueConstraint(fields=('submission',), name='report_submission_unique', violation_error_message='Ce signalement a déjà été reçu.')],
            },
        ),
        migrations.RunPython(create_reasons, delete_reasons),
    ]
