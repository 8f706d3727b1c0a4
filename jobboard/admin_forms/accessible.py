"""Accessible names for admin fields that Django renders without a label."""

from django.forms.models import BaseInlineFormSet
from django.utils.text import capfirst


class LabelledInlineFormSet(BaseInlineFormSet):
    """Adds an aria-label to the fields of a tabular inline: screen readers do not read its column headers."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        row = "" if index is None else f" {index + 1}"
        for field in form.fields.values():
            # The widgets of relations are wrapped in RelatedFieldWidgetWrapper.
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = f"{capfirst(field.label)}, {self.model._meta.verbose_name}{row}"


def label_split_datetime(field):
    """Set the aria-label of both inputs of a split datetime `field`; return other fields, or None, unchanged."""
    widgets = getattr(getattr(field, "widget", None), "widgets", ())
    for widget, name in zip(widgets, ("date", "heure"), strict=False):
        widget.attrs["aria-label"] = f"{capfirst(field.label)}, {name}"
    return field
