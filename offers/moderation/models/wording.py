from django.db import models


class WordingTerm(models.Model):
    """A phrase that blocks an offer, gives a warning, or is an allowed exception of another phrase."""

    class Category(models.TextChoices):
        AGE = "age", "âge"
        SEX = "sex", "sexe"
        FAMILY = "family", "famille et grossesse"
        ORIGIN = "origin", "origine et nationalité"
        BELIEF = "belief", "opinions et religion"
        APPEARANCE = "appearance", "apparence physique"
        HEALTH = "health", "santé et handicap"
        RESIDENCE = "residence", "lieu de résidence"
        ORIENTATION = "orientation", "vie privée et orientation"
        MONEY = "money", "argent demandé aux candidats"
        CONTACT = "contact", "coordonnées dans le texte"
        FOREIGN = "foreign", "mot étranger"
        TITLE = "title", "intitulé"
        PAY_HISTORY = "pay_history", "rémunération passée"

    class Effect(models.TextChoices):
        ERROR = "error", "bloque l’envoi"
        WARNING = "warning", "avertit"
        ALLOWED = "allowed", "est permis"

    category = models.CharField("sujet", max_length=12, choices=Category)
    effect = models.CharField("effet", max_length=7, choices=Effect, default=Effect.WARNING)
    phrase = models.CharField("tournure", max_length=300)
    title_only = models.BooleanField("dans l’intitulé seulement", default=False)
    advice = models.CharField(
        "à la place",
        max_length=200,
        blank=True,
        help_text="Ce que l’on peut écrire\u00a0; pour un mot étranger, ses équivalents, séparés par des virgules.",
    )
    active = models.BooleanField("employée", default=True)
    # The line of the shipped file that the term was loaded from: an edited term is not loaded again.
    shipped_as = models.CharField(max_length=550, blank=True, editable=False)

    class Meta:
        verbose_name = "tournure à relire"
        verbose_name_plural = "tournures à relire"
        ordering = ["category", "effect", "phrase"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "phrase", "title_only"],
                name="wording_term_unique",
                violation_error_message="Cette tournure figure déjà à ce sujet.",
            ),
            models.UniqueConstraint(
                fields=["shipped_as"], condition=~models.Q(shipped_as=""), name="wording_term_shipped_once"
            ),
            models.CheckConstraint(
                name="wording_term_known",
                condition=models.Q(
                    category__in=[
                        *("age", "sex", "family", "origin", "belief", "appearance", "health", "residence"),
                        *("orientation", "money", "contact", "foreign", "title", "pay_history"),
                    ],
                    effect__in=["error", "warning", "allowed"],
                ),
                violation_error_message="Ce sujet ou cet effet n’existe pas.",
            ),
        ]

    def __str__(self):
        return self.phrase
