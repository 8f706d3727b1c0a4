"""The fields of the search: each with what is wrong with it, and with how many offers its choices would give.

Written without templates: of the search page they took half the time. `oob` is for htmx, which then puts the part in
the place of the one that has its id. Ids stay the same, so that htmx keeps the focus when it draws a part anew.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString

from jobboard.text.templatetags.text import NBSP, thousands
from offers.templatetags.offers import offers

register = template.Library()
_OOB = ' hx-swap-oob="true"'
# What changes the search in the middle of the page: see templates/offers/_search.html.
_LINKS = 'hx-boost="true" hx-target="#recherche" hx-swap="outerHTML show:none"'


@register.simple_tag
def field(search, name: str, oob: bool = False) -> SafeString:
    """One control of the search."""
    bound = search.form[name]
    return SafeString(
        f'<div class="field{" invalid" if bound.errors else ""}" id="champ-{name}"{_OOB if oob else ""}>'
        f'<label for="{bound.id_for_label}">{bound.label}</label>{bound}{field_errors(search, name)}</div>'
    )


@register.simple_tag
def field_errors(search, name: str, oob: bool = False) -> SafeString:
    """Below a field, with an error or empty: what is wrong with it, and what else may have been meant."""
    errors = search.form.errors.get(name, ())
    html = ""
    if errors:
        html = f'<ul class="error">{"".join(f"<li>{escape(error)}</li>" for error in errors)}</ul>'
    if links := search.suggestions.get(name):
        lead = "Plutôt" if errors else "Ou bien"
        links = " · ".join(f'<a href="{escape(link.url)}">{escape(link.label)}</a>' for link in links)
        html += f'<p class="help">{lead}{NBSP}: {links}</p>'
    return SafeString(f'<div id="erreurs-{name}"{_OOB if oob else ""} {_LINKS}>{html}</div>')


@register.simple_tag
def choices(search, name: str, oob: bool = False) -> SafeString:
    """Checkboxes, each with how many offers it would give. One that gives none can be unticked, not ticked."""
    bound = search.form[name]
    ticked, counts, boxes = {str(value) for value in bound.value() or ()}, bound.field.widget.counts, []
    for index, (value, label) in enumerate(bound.field.choices):
        value, box_id = str(value), f"{bound.auto_id}_{index}"
        count = None if counts is None else counts.get(value, 0)
        none = count == 0 and value not in ticked
        look, state = (' class="none"', " disabled") if none else ("", " checked" if value in ticked else "")
        boxes.append(
            f'<label for="{box_id}"{look}><input type="checkbox" name="{name}" value="{escape(value)}" id="{box_id}"'
            f"{state}> {escape(str(label))} {beside(count)}</label>"
        )
    return SafeString(
        f'<fieldset id="choix-{name}"{_OOB if oob else ""} aria-describedby="erreurs-{name}">'
        f"<legend>{bound.label}</legend>{''.join(boxes)}{field_errors(search, name)}</fieldset>"
    )


@register.simple_tag
def skills(search, oob: bool = False) -> SafeString:
    """Those in use and those most wanted as checkboxes, and a list of the others: hundreds of boxes are no choice."""
    boxes = [_skill(term, count, " checked") for term, count in search.chosen_skills]
    boxes += [_skill(term, count) for term, count in search.common_skills]
    more = ""
    if others := search.other_skills:
        more = (
            '<div class="field"><label for="competence-ajout" class="visually-hidden">Ajouter une compétence</label>'
            '<select id="competence-ajout" name="competence">'
            f'<option value="">{"Une autre…" if boxes else "Toutes"}</option>{others}</select></div>'
        )
    return SafeString(
        f'<fieldset id="competences"{_OOB if oob else ""} aria-describedby="erreurs-competence">'
        f"<legend>{search.form['competence'].label}</legend>{''.join(boxes)}{more}"
        f"{field_errors(search, 'competence')}</fieldset>"
    )


def _skill(term, count: int, state: str = "") -> str:
    return (
        f'<label for="competence-{term.slug}"><input type="checkbox" id="competence-{term.slug}" name="competence"'
        f' value="{term.slug}"{state}> {escape(term.label)} {beside(count)}</label>'
    )


@register.simple_tag
def brackets(search, name: str, legend: str, oob: bool = False) -> SafeString:
    """Pay in steps, one click away, each with how many offers pay at least so much."""
    steps = []
    for bracket in search.brackets[name]:
        text = f"dès {bracket.label} {beside(bracket.count)}"
        link = f'<a href="{escape(bracket.url)}">{text}</a>' if bracket.count else f'<span class="none">{text}</span>'
        steps.append(f"<li>{link}</li>")
    html = f'<ul class="brackets" aria-label="{legend}" {_LINKS}>{"".join(steps)}</ul>' if steps else ""
    return SafeString(f'<div id="paliers-{name}"{_OOB if oob else ""}>{html}</div>')


def beside(count: int | None) -> str:
    """How many offers a choice would give, beside it; nothing while nobody has counted."""
    if count is None:
        return ""
    return (
        f'<span><span aria-hidden="true">{thousands(count)}</span>'
        f'<span class="visually-hidden">, {offers(count)}</span></span>'
    )
