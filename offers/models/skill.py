from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify

from jobboard.text.keys import search_key


class SkillQuerySet(models.QuerySet):
    def starting_with(self, text: str):
        """Return the skills with a name or alias that starts with `text`, ordered by name; none for an empty text."""
        key = search_key(text)
        if not key:
            return self.none()
        aliases = SkillAlias.objects.filter(skill=models.OuterRef("pk"), key__startswith=key)
        return self.filter(models.Q(key__startswith=key) | models.Exists(aliases)).order_by("name")


class Skill(models.Model):
    """A technology or another skill that offers require, with its canonical name."""

    name = models.CharField("nom", max_length=60)
    slug = models.SlugField(
        "adresse", max_length=60, unique=True, help_text="C++\u00a0: «\u00a0cpp\u00a0», C#\u00a0: «\u00a0csharp\u00a0»."
    )
    key = models.CharField(max_length=60, unique=True, editable=False)

    objects = SkillQuerySet.as_manager()

    class Meta:
        verbose_name = "compétence"
        verbose_name_plural = "compétences"
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.key = search_key(self.name)
        if not self.slug:
            self.slug = slugify(self.name.replace("+", "p").replace("#", "sharp"))
        super().save(*args, **kwargs)

    def clean(self):
        if SkillAlias.objects.filter(key=search_key(self.name)).exclude(skill=self.pk and self).exists():
            raise ValidationError({"name": "Ce nom est déjà un autre nom d’une compétence."})


class SkillAlias(models.Model):
    """Another name of a skill: “JS” for JavaScript."""

    skill = models.ForeignKey(Skill, models.CASCADE, related_name="aliases", verbose_name="compétence")
    name = models.CharField("autre nom", max_length=60)
    key = models.CharField(max_length=60, unique=True, editable=False)

    class Meta:
        verbose_name = "autre nom"
        verbose_name_plural = "autres noms"
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.key = search_key(self.name)
        super().save(*args, **kwargs)

    def clean(self):
        key = search_key(self.name)
        if Skill.objects.filter(key=key).exists():
            raise ValidationError({"name": "Une compétence porte déjà ce nom."})
        if SkillAlias.objects.filter(key=key).exclude(pk=self.pk).exists():
            raise ValidationError({"name": "Cet autre nom désigne déjà une compétence."})
