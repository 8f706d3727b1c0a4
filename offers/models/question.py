from collections.abc import Iterable

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from jobboard.text.columns import LineColumn
from offers.models.offer import Offer

MAX_PER_OFFER = 5


class Question(models.Model):
    """A question of the application form, defined by the recruiter."""

    MAX_PER_OFFER = MAX_PER_OFFER

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="questions", verbose_name="offre")
    position = models.PositiveSmallIntegerField(
        "rang", default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_PER_OFFER)]
    )
    text = LineColumn("question", max_length=200)
    required = models.BooleanField("réponse obligatoire", default=False)

    class Meta:
        verbose_name = "question"
        verbose_name_plural = "questions"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "position"],
                name="question_position_unique",
                violation_error_message="Une autre question de l’offre a déjà ce rang.",
            ),
            models.CheckConstraint(
                name="question_within_maximum",
                condition=Q(position__range=(1, MAX_PER_OFFER)),
                violation_error_message=f"Une offre pose {MAX_PER_OFFER} questions au plus.",
            ),
            models.CheckConstraint(
                name="question_not_empty", condition=~Q(text=""), violation_error_message="La question est vide."
            ),
        ]

    def __str__(self):
        return self.text

    def serialize(self) -> dict:
        """Return the question as JSON, for versions of the offer."""
        return {"text": self.text, "required": self.required}

    @staticmethod
    def label(question: dict) -> str:
        """Return a serialized question as text."""
        return f"{question['text']} (réponse obligatoire)" if question["required"] else question["text"]

    @classmethod
    def replace(cls, offer: Offer, questions: Iterable[dict]) -> None:
        """Save serialized questions as those of `offer`, unless it has the same already."""
        questions = list(questions)
        if [each.serialize() for each in cls.objects.filter(offer=offer)] == questions:
            return
        cls.objects.filter(offer=offer).delete()
        cls.objects.bulk_create(cls(offer=offer, position=number, **each) for number, each in enumerate(questions, 1))
