"""The steps of the wizard. Each is a form that saves the draft."""

from offers.fields import BY_NAME
from offers.posting.forms.apply import ApplyStep
from offers.posting.forms.job import JobStep
from offers.posting.forms.justification import JustificationForm
from offers.posting.forms.step import StepForm
from offers.posting.forms.terms import TermsStep
from offers.posting.forms.text import TextStep

__all__ = ["STEPS", "ApplyStep", "JobStep", "JustificationForm", "StepForm", "TermsStep", "TextStep", "step_of"]

STEPS: tuple[type[StepForm], ...] = (JobStep, TermsStep, TextStep, ApplyStep)


def step_of(field: str) -> str:
    """Return the slug of the step that edits a field of the offer; the last step for other names."""
    return (field in BY_NAME and BY_NAME[field].step) or ApplyStep.slug
