import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from careers import prose
from careers.enums import EntrySection, Level, Zone
from jobboard.reversing import cached_reverse
from jobboard.text.keys import search_key
from jobboard.text.numbers import plural

MARKDOWN_HELP = "Markdown\u00a0: **gras**, *italique*, listes avec «\u00a0-\u00a0», liens [texte](https://…)."
SALARY_BOUNDS = [MinValueValidator(10), MaxValueValidator(999)]
YEAR_BOUNDS = [MinValueValidator(2000), MaxValueValidator(2100)]


def normalize_line_ends(text: str) -> str:
    """Return `text` with LF as line ends; browsers submit CR LF."""
    return text.replace("\r\n", "\n")


class RoleQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=Role.Status.PUBLISHED)

    def with_page_content(self):
        """Prefetch all rows of the public page, with one query per table."""
        return self.prefetch_related("titles", "entries", "bands", "faq")


class Role(models.Model):
    """A role profile (“fiche métier”): Markdown fields, and rows for lists, titles, salary bands and questions."""

    class Status(models.TextChoices):
        DRAFT = "draft", "brouillon"
        PUBLISHED = "published", "publiée"

    class StudyLevel(models.IntegerChoices):
        """Years of study after the baccalauréat."""

        BAC = 0, "Bac"
        BAC_2 = 2, "Bac +2"
        BAC_3 = 3, "Bac +3"
        BAC_5 = 5, "Bac +5"
        BAC_8 = 8, "Bac +8"

    slug = models.SlugField("adresse", unique=True, help_text="Fin de l’adresse de la page\u00a0: /metiers/adresse/")
    name = models.CharField(
        "nom", max_length=80, help_text="Le plus courant, tel qu’on le dit\u00a0: «\u00a0CTO\u00a0»."
    )
    full_name = models.CharField("nom développé", max_length=120, blank=True)
    french_name = models.CharField("nom français", max_length=120, blank=True)
    status = models.CharField("état", max_length=10, choices=Status, default=Status.DRAFT)
    summary = models.CharField("en une phrase", max_length=300)
    median_salary = models.PositiveSmallIntegerField(
        "salaire médian (K€ bruts par an)", null=True, blank=True, validators=SALARY_BOUNDS
    )
    salary_source = models.CharField("source du salaire médian", max_length=120, blank=True)
    salary_year = models.PositiveSmallIntegerField(
        "année du salaire médian", null=True, blank=True, validators=YEAR_BOUNDS
    )
    study_level = models.PositiveSmallIntegerField("niveau d’études", choices=StudyLevel, null=True, blank=True)
    experience_from = models.PositiveSmallIntegerField(
        "expérience attendue, de (années)", null=True, blank=True, validators=[MaxValueValidator(50)]
    )
    experience_to = models.PositiveSmallIntegerField(
        "à (années)", null=True, blank=True, validators=[MaxValueValidator(50)]
    )

    definition = models.TextField("définition", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    missions = models.TextField("missions", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    skills = models.TextField("compétences", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    soft_skills = models.TextField("qualités", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    training = models.TextField("formation", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    evolution = models.TextField("évolution", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    salary = models.TextField("salaire", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)
    sectors = models.TextField("secteurs", blank=True, max_length=20_000, help_text=MARKDOWN_HELP)

    updated_on = models.DateField("mise à jour le", default=timezone.localdate)
    # Digest of the document that `load_roles` last stored, to distinguish edits of curators from changes of the file.
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche métier"
        verbose_name_plural = "fiches métiers"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="role_experience_ordered",
                condition=models.Q(experience_to__isnull=True)
                | models.Q(experience_from__isnull=False, experience_from__lte=models.F("experience_to")),
                violation_error_message="L’expérience attendue va du plus petit au plus grand nombre d’années.",
            ),
            models.CheckConstraint(
                name="role_median_salary_sourced",
                condition=models.Q(median_salary__isnull=True)
                | (models.Q(salary_year__isnull=False) & ~models.Q(salary_source="")),
                violation_error_message="Un salaire médian se donne avec sa source et son année.",
            ),
            models.CheckConstraint(
                name="role_status_known",
                condition=models.Q(status__in=["draft", "published"]),
                violation_error_message="Cet état n’existe pas.",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        for name in prose.FIELDS:
            setattr(self, name, normalize_line_ends(getattr(self, name)))

    def get_absolute_url(self):
        return cached_reverse("careers:detail", self.slug)

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def long_name(self) -> str:
        """Return “CTO, directeur technique ou directrice technique”."""
        return f"{self.name}, {self.french_name}" if self.french_name else self.name

    @property
    def expected_experience(self) -> str:
        """Return “6 à 10 ans”, “6 ans et plus” or an empty string."""
        low, high = self.experience_from, self.experience_to
        if low is None:
            return ""
        years = f"an{plural(max(low, high or 0))}"
        if high is None:
            return f"{low}\u00a0{years} et plus"
        return f"{high}\u00a0{years}" if low == high else f"{low} à {high}\u00a0{years}"


class RoleEntry(models.Model):
    """A row of one of the lists of a profile. `label` precedes the text in lists with labels."""

    Section = EntrySection
    # Set by the proxy models at the end of this module: each list has its own inline in the admin.
    SECTION = ""

    role = models.ForeignKey(Role, models.CASCADE, related_name="entries", verbose_name="fiche")
    section = models.CharField("liste", max_length=10, choices=Section)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    label = models.CharField("intitulé", max_length=60, blank=True)
    text = models.CharField("texte", max_length=500)

    class Meta:
        verbose_name = "ligne de liste"
        verbose_name_plural = "lignes de liste"
        ordering = ["section", "position", "pk"]
        indexes = [models.Index(fields=["role", "section", "position"], name="role_entry_order")]
        constraints = [
            models.CheckConstraint(
                name="role_entry_section_known",
                condition=models.Q(
                    section__in=[
                        *("mission", "skill", "soft_skill", "training"),
                        *("evolution", "sector", "remote", "day"),
                    ]
                ),
                violation_error_message="Cette liste n’existe pas.",
            )
        ]

    def __str__(self):
        return f"{self.label}\u00a0: {self.text}" if self.label else self.text

    def clean(self):
        # The admin edits it in a textarea; it is displayed on one line.
        self.text = re.sub(r"\s*[\r\n]+\s*", " ", self.text)

    def save(self, *args, **kwargs):
        self.section = self.SECTION or self.section
        super().save(*args, **kwargs)


class RoleTitle(models.Model):
    """Another title of the same job, which a search for the role matches too."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="titles", verbose_name="fiche")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    title = models.CharField("titre", max_length=120)
    key = models.CharField(max_length=120, editable=False, db_index=True)

    class Meta:
        verbose_name = "autre titre"
        verbose_name_plural = "autres titres"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "key"],
                name="role_title_unique",
                violation_error_message="Ce titre figure déjà sur la fiche.",
            )
        ]

    def __str__(self):
        return self.title

    def clean(self):
        if len(search_key(self.title)) > self._meta.get_field("key").max_length:
            raise ValidationError({"title": "Ce titre est trop long."})

    def save(self, *args, **kwargs):
        self.key = search_key(self.title)
        super().save(*args, **kwargs)


class SalaryBand(models.Model):
    """A cell of the salary grid, in K€ gross a year, without bonuses."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="bands", verbose_name="fiche")
    level = models.CharField("expérience", max_length=10, choices=Level)
    zone = models.CharField("zone", max_length=15, choices=Zone)
    minimum = models.PositiveSmallIntegerField("de (K€)", validators=SALARY_BOUNDS)
    maximum = models.PositiveSmallIntegerField("à (K€)", validators=SALARY_BOUNDS)
    source = models.CharField("source", max_length=120)
    year = models.PositiveSmallIntegerField("année", validators=YEAR_BOUNDS)

    class Meta:
        verbose_name = "fourchette de salaire"
        verbose_name_plural = "grille des salaires"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "level", "zone"],
                name="salary_band_unique",
                violation_error_message="Cette case de la grille est déjà remplie.",
            ),
            models.CheckConstraint(
                name="salary_band_ordered",
                condition=models.Q(minimum__lte=models.F("maximum")),
                violation_error_message="Une fourchette va du plus petit au plus grand salaire.",
            ),
            models.CheckConstraint(
                name="salary_band_cell_known",
                condition=models.Q(level__in=Level.values, zone__in=Zone.values),
                violation_error_message="La grille n’a pas cette case.",
            ),
        ]

    def __str__(self):
        return f"{self.get_level_display()}, {self.get_zone_display()}\u00a0: {self.minimum} – {self.maximum} K€"


class FaqEntry(models.Model):
    """A question and its answer. `illustration` names the list of the profile to display below the answer."""

    class Illustration(models.TextChoices):
        REMOTE = RoleEntry.Section.REMOTE.value, "les organisations du télétravail"
        DAY = RoleEntry.Section.DAY.value, "la journée type"

    role = models.ForeignKey(Role, models.CASCADE, related_name="faq", verbose_name="fiche")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    question = models.CharField("question", max_length=200)
    answer = models.TextField("réponse", max_length=5_000, help_text=MARKDOWN_HELP)
    illustration = models.CharField("suivie de", max_length=10, choices=Illustration, blank=True)

    class Meta:
        verbose_name = "question fréquente"
        verbose_name_plural = "questions fréquentes"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.question

    def clean(self):
        self.answer = normalize_line_ends(self.answer)


class Mission(RoleEntry):
    SECTION = RoleEntry.Section.MISSION

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "mission"
        verbose_name_plural = "missions"


class SkillEntry(RoleEntry):
    SECTION = RoleEntry.Section.SKILL

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "compétence"
        verbose_name_plural = "compétences"


class SoftSkill(RoleEntry):
    SECTION = RoleEntry.Section.SOFT_SKILL

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "qualité"
        verbose_name_plural = "qualités"


class TrainingEntry(RoleEntry):
    SECTION = RoleEntry.Section.TRAINING

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "formation"
        verbose_name_plural = "formations"


class Evolution(RoleEntry):
    SECTION = RoleEntry.Section.EVOLUTION

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "évolution"
        verbose_name_plural = "évolutions"


class Sector(RoleEntry):
    SECTION = RoleEntry.Section.SECTOR

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "secteur"
        verbose_name_plural = "secteurs"


class RemotePattern(RoleEntry):
    SECTION = RoleEntry.Section.REMOTE

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "organisation du télétravail"
        verbose_name_plural = "organisations du télétravail"


class DayStep(RoleEntry):
    SECTION = RoleEntry.Section.DAY

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "étape de la journée type"
        verbose_name_plural = "journée type"
