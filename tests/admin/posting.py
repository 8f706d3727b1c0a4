"""What a browser would post from an admin page as it stands, with some fields changed."""

from django import forms
from django.utils.formats import localize_input


def filled(response, **changes) -> dict:
    """The form of an add or change page with its inlines; a change of None leaves the field out."""
    data = {}
    for form in [response.context["adminform"].form, *inline_forms(response)]:
        for bound in form:
            data |= controls(bound)
    for inline in response.context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            data |= controls(bound)
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def inline_forms(response):
    return [form for inline in response.context["inline_admin_formsets"] for form in inline.formset.forms]


def controls(bound) -> dict:
    value, widget = bound.value(), bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        parts = widget.decompress(value)
        return {f"{bound.html_name}_{index}": localize_input(part) or "" for index, part in enumerate(parts)}
    if isinstance(bound.field, forms.FileField):
        # A browser sends a file only where one was chosen.
        return {}
    if isinstance(value, bool):
        return {bound.html_name: "on"} if value else {}
    if isinstance(bound.field, forms.ModelMultipleChoiceField) and not value:
        return {}
    if isinstance(value, (list, tuple)):
        return {bound.html_name: [str(getattr(item, "pk", item)) for item in value]}
    return {bound.html_name: "" if value is None else value}


def errors(response) -> list[str]:
    """Everything that the page reports as wrong."""
    found = []
    for form in [response.context["adminform"].form, *inline_forms(response)]:
        found += [message for messages in form.errors.values() for message in messages]
    for inline in response.context["inline_admin_formsets"]:
        found += inline.formset.non_form_errors()
    return found


def told(response) -> list[str]:
    """The messages on top of the page."""
    return [str(message) for message in response.context["messages"]]
