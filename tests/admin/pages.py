"""The form data, errors, messages and rows of pages of the admin."""

from django import forms
from django.urls import reverse
from django.utils.formats import localize_input


def form_data(response, **changes) -> dict:
    """Return the data that a browser would post from an add or change page with its inlines.

    `changes` override fields; None leaves the field out of the data.
    """
    data = {}
    for form in [response.context["adminform"].form, *inline_forms(response)]:
        for bound in form:
            data |= widget_data(bound)
    for inline in response.context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            data |= widget_data(bound)
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def inline_forms(response) -> list:
    return [form for inline in response.context["inline_admin_formsets"] for form in inline.formset.forms]


def widget_data(bound) -> dict:
    """Return the names and values that the widget of a bound field posts."""
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


def form_errors(response) -> list[str]:
    """Return the errors of the form, of the inlines and of their formsets."""
    errors = []
    for form in [response.context["adminform"].form, *inline_forms(response)]:
        errors += [message for messages in form.errors.values() for message in messages]
    for inline in response.context["inline_admin_formsets"]:
        errors += inline.formset.non_form_errors()
    return errors


def message_texts(response) -> list[str]:
    """Return the texts of the messages (django.contrib.messages) on the page."""
    return [str(message) for message in response.context["messages"]]


def listed_objects(response) -> set:
    """Return the objects on the current page of a change list."""
    return set(response.context["cl"].result_list)


def change_url(obj) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def run_action(client, changelist_url, action, *objects):
    """Run an action of a change list on the objects; return the page after the redirect."""
    data = {"action": action, "_selected_action": [obj.pk for obj in objects]}
    return client.post(changelist_url, data, follow=True)
