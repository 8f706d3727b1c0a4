"""Names for screen readers, where Django's admin draws a field without a label of its own."""

from django.forms.models import BaseInlineFormSet
from django.utils.text import capfirst


class NamedRows(BaseInlineFormSet):
    """Rows of a table: the heads of the columns are not read for the fields below them."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        row = "" if index is None else f" {index + 1}"
        for field in form.fields.values():
            # A relation's widget is wrapped in one that draws the links beside it.
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = f"{capfirst(field.label)}, {self.model._meta.verbose_name}{row}"


def name_halves(field):
    """Name the two halves of a moment, `field`; any other field, or none, passes as it is."""
    halves = getattr(getattr(field, "widget", None), "widgets", ())
    for widget, half in zip(halves, ("date", "heure"), strict=False):
        widget.attrs["aria-label"] = f"{capfirst(field.label)}, {half}"
    return field
