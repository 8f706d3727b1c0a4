"""Parse the POST forms of a page, as a browser would submit them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Field:
    name: str
    kind: str
    value: str
    attributes: dict
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    # Absolute path of the action, with its query string.
    url: str
    fields: list[Field] = field(default_factory=list)
    # (name, value) of each submit button.
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.forms, self.by_id, self.fields = path, [], {}, []
        self.form = self.text = None

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "form":
            posts = attrs.get("method", "").lower() == "post"
            self.form = Form(urljoin(self.path, attrs.get("action", ""))) if posts else None
            if posts:
                self.forms.append(self.form)
                self.by_id[attrs.get("id")] = self.form
        elif tag in ("input", "textarea", "select", "button") and attrs.get("name"):
            kind = tag
            if tag in ("input", "button"):
                kind = attrs.get("type", "text" if tag == "input" else "submit").lower()
            new_field = Field(attrs["name"], kind, attrs.get("value", ""), attrs)
            self.text = new_field if tag in ("textarea", "select") else None
            self.fields.append((attrs.get("form", self.form), new_field))
        elif tag == "option" and self.text is not None:
            self.text.options.append(attrs.get("value", ""))
            if "selected" in attrs:
                self.text.value = attrs.get("value", "")

    def handle_data(self, data):
        if self.text is not None and self.text.kind == "textarea":
            # Browsers drop a leading line break.
            self.text.value += data if self.text.value else data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag in ("textarea", "select"):
            self.text = None


def parse_forms(path: str, html: str) -> list[Form]:
    """Return the forms with method POST of the page at `path`."""
    parser = _Parser(path)
    parser.feed(html)
    for owner, form_field in parser.fields:
        form = parser.by_id.get(owner) if isinstance(owner, str) else owner
        if form is None or "disabled" in form_field.attributes:
            continue
        if form_field.kind in ("submit", "image"):
            form.buttons.append((form_field.name, form_field.value))
        elif form_field.kind not in ("button", "reset"):
            form.fields.append(form_field)
    return parser.forms
