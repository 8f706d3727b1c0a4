"""The Markdown fields of a role profile, which are declared once, in careers/prose.py."""

from django.db import models

from careers.admin import RoleAdmin
from careers.document import SECTIONS
from careers.enums import EntrySection
from careers.models import Role
from careers.prose import FIELDS, PROSE


def test_every_markdown_field_and_every_list_is_declared():
    assert [field.name for field in Role._meta.fields if isinstance(field, models.TextField)] == FIELDS
    assert dict(RoleAdmin.fieldsets)["Textes"]["fields"] == FIELDS
    assert [section for _, _, section in SECTIONS if section] == list(EntrySection)
    assert len({prose.anchor for prose in PROSE}) == len({prose.heading for prose in PROSE}) == len(PROSE)
