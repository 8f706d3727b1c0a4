from django.db import models


class ReturnReason(models.Model):
    """A template of a reason for returning or removing an offer. Moderators edit the text before it is sent."""

    title = models.CharField("titre", max_length=80, unique=True)
    text = models.TextField(
        "texte", max_length=2_000, help_text="Repris dans l’e-mail\u00a0; modifiable avant l’envoi."
    )
    position = models.PositiveSmallIntegerField("rang", default=100)

    class Meta:
        verbose_name = "motif de renvoi"
        verbose_name_plural = "motifs de renvoi"
        ordering = ["position", "title"]

    def __str__(self):
        return self.title
