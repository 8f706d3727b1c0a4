from functools import partial

from jobboard.jinja2 import render_macro

# Render a cell of a list, or a read-only field, by one of the macros of templates/jinja2/admin/columns.html.
render_cell = partial(render_macro, "admin/columns.html")
