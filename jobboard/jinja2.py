"""The Jinja2 environment, for fragments that Django templates render too slowly.

Pages are Django templates, whose tags call macros of the files in templates/jinja2/; the responses to htmx that replace
such a fragment are Jinja2 templates. Twenty cards take 0.9 ms as a macro; as a Django template they took 3.6 ms.
"""

from importlib import import_module

from django.template import engines
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from jinja2 import Environment, StrictUndefined

from jobboard.reversing import cached_reverse


def environment(*, libraries: tuple[str, ...] = (), **options) -> Environment:
    """Build the environment, with the filters of the Django template tag `libraries` (import paths)."""
    # Django sets the loader and autoescape. An undefined variable is an error, in production too.
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**options)  # noqa: S701  # nosec B701 # in the options
    env.globals |= {"url": cached_reverse, "localdate": timezone.localdate}
    # Without Django's check for lazy strings, which takes four times as long as the rest.
    env.filters["capfirst"] = capfirst.__wrapped__
    for library in libraries:
        env.filters.update(import_module(library).register.filters)
    return env


def render_macro(template_name: str, macro: str, *args, **kwargs) -> SafeString:
    """Call a macro of a template; it has access to its arguments only.

    The environment compiles a template once per process, and with DEBUG also after each change.
    """
    template = engines["jinja2"].env.get_template(template_name)
    # Django’s class: the admin escapes values that are only safe by `__html__`.
    return SafeString(getattr(template.module, macro)(*args, **kwargs))  # nosec B703 # escaped by the macro
