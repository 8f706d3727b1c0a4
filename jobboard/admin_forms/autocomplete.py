"""Relations picked by typing, in the admin: whatever is sent in their place is refused in words."""

import re

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError


def is_key(value) -> bool:
    return re.fullmatch("[0-9]{1,18}", str(value)) is not None


class PickedByKey:
    """Draws the rows whose keys were sent; what cannot be a key is left to the form, which refuses it in words."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if is_key(key)], attr)


class Autocomplete(PickedByKey, AutocompleteSelect):
    pass


class AutocompleteMultiple(PickedByKey, AutocompleteSelectMultiple):
    pass


class SeveralByKey(forms.ModelMultipleChoiceField):
    def clean(self, value):
        if wrong := next((key for key in value or () if not is_key(key)), None):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": wrong})
        return super().clean(value)


class Autocompleting:
    """Django's own widgets ask the database for whatever was sent, and it answers some values with an error."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Autocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs |= {"widget": AutocompleteMultiple(db_field, self.admin_site), "form_class": SeveralByKey}
        return super().formfield_for_manytomany(db_field, request, **kwargs)
