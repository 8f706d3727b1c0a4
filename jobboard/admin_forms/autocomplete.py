"""Autocomplete fields for the admin with a form error, instead of error 500, for invalid primary keys."""

import re

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError


def is_pk(value) -> bool:
    return re.fullmatch("[0-9]{1,18}", str(value)) is not None


class ValidPksMixin:
    """A widget mixin that renders only values that can be primary keys; the form rejects the others."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [pk for pk in value if is_pk(pk)], attr)


class SafeAutocompleteSelect(ValidPksMixin, AutocompleteSelect):
    pass


class SafeAutocompleteSelectMultiple(ValidPksMixin, AutocompleteSelectMultiple):
    pass


class PkMultipleChoiceField(forms.ModelMultipleChoiceField):
    def clean(self, value):
        if invalid := next((pk for pk in value or () if not is_pk(pk)), None):
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": invalid}
            )
        return super().clean(value)


class SafeAutocompleteMixin:
    """Mixin for ModelAdmin and inlines. Django’s widgets query the database with any value, which can raise."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SafeAutocompleteSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs |= {
                "widget": SafeAutocompleteSelectMultiple(db_field, self.admin_site),
                "form_class": PkMultipleChoiceField,
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)
