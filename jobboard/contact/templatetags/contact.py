from django import template

from jobboard.contact.forms import ContactForm
from jobboard.contact.models import retention_period

register = template.Library()


@register.inclusion_tag("contact/_form.html", takes_context=True)
def contact_form(context, role="", page="", form=None):
    """Render the contact form, about `role` (its name) and for `page` (a path); or the bound `form`."""
    return {
        "form": form or ContactForm(initial={"role": role, "page": page}),
        "csrf_token": context.get("csrf_token"),
        "retention": retention_period(),
    }
