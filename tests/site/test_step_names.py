"""Texts that name a step of the wizard name one that exists."""

import re
from pathlib import Path

from offers.fields import STEP_NAMES
from offers.moderation.wording.reasons import REASONS
from offers.posting.forms import STEPS

ROOT = Path(__file__).resolve().parents[2]


def test_steps_have_the_declared_names():
    assert {form.slug: form.name for form in STEPS} == STEP_NAMES


def test_explanations_of_the_wording_check_name_steps_that_exist():
    texts = [text for reason in REASONS.values() for text in reason]
    names = [name for text in texts for name in re.findall("étape «\u00a0(.+?)\u00a0»", text)]
    assert names
    assert set(names) <= set(STEP_NAMES.values())


def test_templates_write_no_name_of_a_step():
    for path in (ROOT / "templates").rglob("*.*"):
        assert "étape «" not in path.read_text(encoding="utf-8"), path
