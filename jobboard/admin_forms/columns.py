from functools import partial

from jobboard.jinja2 import render_macro

# Call a macro of templates/jinja2/admin/columns.html to render a cell of a change list or a read-only field.
render_cell = partial(render_macro, "admin/columns.html")
