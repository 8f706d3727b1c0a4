import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Fin de l’adresse de la page\xa0: /metiers/adresse/', unique=True, verbose_name='adresse')),
                ('name', models.CharField(help_text='Le plus courant, tel qu’on le dit\xa0: «\xa0CTO\xa0».', max_length=80, verbose_name='nom')),
                ('full_name', models.CharField(blank=True, max_length=120, verbose_name='nom développé')),
                ('french_name', models.CharField(blank=True, max_length=120, verbose_name='nom français')),
                ('status', models.CharField(choices=[('draft', 'brouillon'), ('published', 'publiée')], default='draft', max_length=10, verbose_name='état')),
                ('summary', models.CharField(max_length=300, verbose_name='en une phrase')),
                ('median_salary', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(999)], verbose_name='salaire médian (K€ bruts par an)')),
                ('salary_source', models.CharField(blank=True, max_length=120, verbose_name='source du salaire médian')),
                ('salary_year', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='année du salaire médian')),
                ('study_level', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Bac'), (2, 'Bac\xa0+2'), (3, 'Bac\xa0+3'), (5, 'Bac\xa0+5'), (8, 'Bac\xa0+8')], null=True, verbose_name='niveau d’études')),
                ('experience_from', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(50)], verbose_name='expérience attendue, de (années)')),
                ('experience_to', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(50)], verbose_name='à (années)')),
                ('definition', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='définition')),
                ('missions', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='missions')),
                ('skills', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='compétences')),
                ('soft_skills', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='qualités')),
                ('training', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='formation')),
                ('evolution', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='évolution')),
                ('salary', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='salaire')),
                ('sectors', models.TextField(blank=True, help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=20000, verbose_name='secteurs')),
                ('updated_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='mise à jour le')),
                ('loaded_digest', models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                'verbose_name': 'fiche métier',
                'verbose_name_plural': 'fiches métiers',
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('experience_to__isnull', True), models.Q(('experience_from__isnull', False), ('experience_from__lte', models.F('experience_to'))), _connector='OR'), name='role_experience_ordered', violation_error_message='L’expérience attendue va du plus petit au plus grand nombre d’années.'), models.CheckConstraint(condition=models.Q(('median_salary__isnull', True), models.Q(('salary_year__isnull', False), models.Q(('salary_source', ''), _negated=True)), _connector='OR'), name='role_median_salary_sourced', violation_error_message='Un salaire médian se donne avec sa source et son année.'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'published'])), name='role_status_known', violation_error_message='Cet état n’existe pas.')],
            },
        ),
        migrations.CreateModel(
            name='FaqEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                ('question', models.CharField(max_length=200, verbose_name='question')),
                ('answer', models.TextField(help_text='Markdown\xa0: **gras**, *italique*, listes avec «\xa0-\xa0», liens [texte](https://…).', max_length=5000, verbose_name='réponse')),
                ('illustration', models.CharField(blank=True, choices=[('remote', 'les organisations du télétravail'), ('day', 'la journée type')], max_length=10, verbose_name='suivie de')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='faq', to='careers.role', verbose_name='fiche')),
            ],
            options={
                'verbose_name': 'question fréquente',
                'verbose_name_plural': 'questions fréquentes',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RoleEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(choices=[('mission', 'mission'), ('skill', 'compétence'), ('soft_skill', 'qualité'), ('training', 'formation'), ('evolution', 'évolution'), ('sector', 'secteur'), ('remote', 'organisation du télétravail'), ('day', 'étape de la journée')], max_length=10, verbose_name='liste')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                ('label', models.CharField(blank=True, max_length=60, verbose_name='intitulé')),
                ('text', models.CharField(max_length=500, verbose_name='texte')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='careers.role', verbose_name='fiche')),
            ],
            options={
                'verbose_name': 'ligne de liste',
                'verbose_name_plural': 'lignes de liste',
                'ordering': ['section', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DayStep',
            fields=[
            ],
            options={
                'verbose_name': 'étape de la journée type',
                'verbose_name_plural': 'journée type',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='Evolution',
            fields=[
            ],
            options={
                'verbose_name': 'évolution',
                'verbose_name_plural': 'évolutions',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='Mission',
            fields=[
            ],
            options={
                'verbose_name': 'mission',
                'verbose_name_plural': 'missions',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='RemotePattern',
            fields=[
            ],
            options={
                'verbose_name': 'organisation du télétravail',
                'verbose_name_plural': 'organisations du télétravail',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='Sector',
            fields=[
            ],
            options={
                'verbose_name': 'secteur',
                'verbose_name_plural': 'secteurs',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='SkillEntry',
            fields=[
            ],
            options={
                'verbose_name': 'compétence',
                'verbose_name_plural': 'compétences',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='SoftSkill',
            fields=[
            ],
            options={
                'verbose_name': 'qualité',
                'verbose_name_plural': 'qualités',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='TrainingEntry',
            fields=[
            ],
            options={
                'verbose_name': 'formation',
                'verbose_name_plural': 'formations',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('careers.roleentry',),
        ),
        migrations.CreateModel(
            name='RoleTitle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                ('title', models.CharField(max_length=120, verbose_name='titre')),
                ('key', models.CharField(db_index=True, editable=False, max_length=120)),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='titles', to='careers.role', verbose_name='fiche')),
            ],
            options={
                'verbose_name': 'autre titre',
                'verbose_name_plural': 'autres titres',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SalaryBand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('debutant', 'Débutant, moins de 2\xa0ans'), ('junior', 'Junior, 2 à 4\xa0ans'), ('confirme', 'Confirmé, 4 à 8\xa0ans'), ('expert', 'Expert, plus de 8\xa0ans')], max_length=10, verbose_name='expérience')),
                ('zone', models.CharField(choices=[('paris', 'Paris'), ('grandes-villes', 'Grandes villes'), ('regions', 'Régions')], max_length=15, verbose_name='zone')),
                ('minimum', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(999)], verbose_name='de (K€)')),
                ('maximum', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(999)], verbose_name='à (K€)')),
                ('source', models.CharField(max_length=120, verbose_name='source')),
                ('year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='année')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bands', to='careers.role', verbose_name='fiche')),
            ],
            options={
                'verbose_name': 'fourchette de salaire',
                'verbose_name_plural': 'grille des salaires',
                'ordering': ['pk'],
            },
        ),
        migrations.AddIndex(
            model_name='roleentry',
            index=models.Index(fields=['role', 'section', 'position'], name='role_entry_order'),
        ),
        migrations.AddConstraint(
            model_name='roleentry',
            constraint=models.CheckConstraint(condition=models.Q(('section__in', ['mission', 'skill', 'soft_skill', 'training', 'evolution', 'sector', 'remote', 'day'])), name='role_entry_section_known', violation_error_message='Cette liste n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='roletitle',
            constraint=models.UniqueConstraint(fields=('role', 'key'), name='role_title_unique', violation_error_message='Ce titre figure déjà sur la fiche.'),
        ),
        migrations.AddConstraint(
            model_name='salaryband',
            constraint=models.UniqueConstraint(fields=('role', 'level', 'zone'), name='salary_band_unique', violation_error_message='Cette case de la grille est déjà remplie.'),
        ),
        migrations.AddConstraint(
            model_name='salaryband',
            constraint=models.CheckConstraint(condition=models.Q(('minimum__lte', models.F('maximum'))), name='salary_band_ordered', violation_error_message='Une fourchette va du plus petit au plus grand salaire.'),
        ),
        migrations.AddConstraint(
            model_name='salaryband',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['debutant', 'junior', 'confirme', 'expert']), ('zone__in', ['paris', 'grandes-villes', 'regions'])), name='salary_band_cell_known', violation_error_message='La grille n’a pas cette case.'),
        ),
    ]
