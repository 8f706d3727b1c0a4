from django import forms
from django.forms.widgets import Script


class MarkdownTextarea(forms.Textarea):
    """A text field above which a script adds buttons for Markdown; pages render `form.media` in their head."""

    class Media:
        js = [Script("js/markdown.js", type="module")]

    def __init__(self, attrs=None):
        super().__init__({"data-markdown": "", **(attrs or {})})
