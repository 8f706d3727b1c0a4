from django.db import models


class SynonymSet(models.Model):
    """A group of synonyms for the search, or an expression that also matches others or narrower ones."""

    class Kind(models.TextChoices):
        SAME = "same", "équivalents"
        ALSO = "also", "le premier trouve aussi les autres"
        NARROWER = "sub", "le premier trouve aussi les autres, plus précis, mais après"

    words = models.CharField(
        "mots",
        max_length=500,
        help_text="Séparés par des virgules\u00a0; une expression de plusieurs mots en est une aussi.",
    )
    kind = models.CharField("sens", max_length=4, choices=Kind, default=Kind.SAME)
    active = models.BooleanField("employés par la recherche", default=True)
    # The line of the shipped file that the set came from: it is not loaded again, however it was edited.
    shipped_as = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = "synonymes"
        verbose_name_plural = "synonymes"
        ordering = ["words"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipped_as"], condition=~models.Q(shipped_as=""), name="synonyms_shipped_once"
            )
        ]

    def __str__(self):
        return self.words

    @property
    def expressions(self) -> tuple[str, ...]:
        return tuple(filter(None, map(str.strip, self.words.split(","))))
