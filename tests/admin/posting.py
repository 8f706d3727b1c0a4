"""Former names of the functions in `tests.admin.pages`."""

from tests.admin.pages import form_data as filled
from tests.admin.pages import form_errors as errors
from tests.admin.pages import message_texts as told

__all__ = ["errors", "filled", "told"]
