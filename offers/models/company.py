from django.conf import settings
from django.db import models
from django.utils.text import slugify

from offers.enums import CompanySize, EmployerKind


class HttpsURLField(models.URLField):
    """An address typed without a scheme is taken for https, as Django 6 will do by itself."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})


class Company(models.Model):
    name = models.CharField("nom", max_length=120)
    slug = models.SlugField("adresse", max_length=120, unique=True, blank=True)
    kind = models.CharField("type d’employeur", max_length=10, choices=EmployerKind, default=EmployerKind.DIRECT)
    sector = models.CharField("secteur", max_length=120, blank=True)
    size = models.CharField("effectif", max_length=10, choices=CompanySize, blank=True)
    website = HttpsURLField("site", blank=True)
    description = models.TextField("présentation", blank=True, max_length=20_000, help_text="Markdown.")
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    # How long candidates usually wait for an answer; measured every night, empty while there are too few answers.
    answer_days = models.PositiveSmallIntegerField("jours avant une réponse", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "entreprise"
        verbose_name_plural = "entreprises"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="company_kind_known",
                condition=models.Q(kind__in=EmployerKind.values),
                violation_error_message="Ce type d’employeur n’existe pas.",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def _free_slug(self) -> str:
        """A slug of the name, numbered when it is taken; two creations at once are settled by the unique constraint."""
        base = slugify(self.name)[:110] or "entreprise"
        taken = set(Company.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        number, slug = 1, base
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        return slug


class Membership(models.Model):
    """A person who works for a company on this site, and may see what is the company's."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships", verbose_name="entreprise")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name="personne"
    )

    class Meta:
        verbose_name = "membre"
        verbose_name_plural = "membres"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user"],
                name="membership_unique",
                violation_error_message="Cette personne est déjà membre de l’entreprise.",
            )
        ]

    def __str__(self):
        return f"{self.user} – {self.company}"
