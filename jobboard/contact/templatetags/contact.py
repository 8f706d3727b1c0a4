from django import template

from jobboard.contact.models import retention_periods

register = template.Library()


@register.inclusion_tag("contact/_form.html", takes_context=True)
def contact_form(context, form):
    """Render the contact form."""
    return {
        "form": form,
        "csrf_token": context.get("csrf_token"),
        "retention": retention_periods(),
    }
