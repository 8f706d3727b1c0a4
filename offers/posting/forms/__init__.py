"""The steps of an offer, each a form of its own: a draft is saved at each, and nothing that was typed is ever lost."""

from offers.fields import BY_NAME
from offers.posting.forms.apply import ApplyStep
from offers.posting.forms.job import JobStep
from offers.posting.forms.step import StepForm
from offers.posting.forms.terms import TermsStep
from offers.posting.forms.text import TextStep

__all__ = ["STEPS", "ApplyStep", "JobStep", "StepForm", "TermsStep", "TextStep", "step_of"]

STEPS: tuple[type[StepForm], ...] = (JobStep, TermsStep, TextStep, ApplyStep)


def step_of(field: str) -> str:
    """Return the slug of the step that writes a field of the offer; the last one for anything else."""
    return (field in BY_NAME and BY_NAME[field].step) or ApplyStep.slug
