"""Role profiles as TOML files, one per role, named after its slug.

A profile has three representations: rows (`document`, `store`), a dictionary called the document (see
`careers/document.py`), and text (`read`, `dump`). The round trip preserves any text that a curator can enter. `digest`
identifies a document.
"""

import datetime
import hashlib
import json
import re
import tomllib
from pathlib import Path

import tomlkit
from tomlkit.items import String, StringType, Trivia

from careers.document import (
    BAND_FIELDS,
    EXPERIENCE,
    FAQ_FIELDS,
    MEDIAN,
    ROLE_FIELDS,
    SECTIONS,
    DocumentCheck,
    canonical,
)
from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from jobboard.text.keys import search_key

CONTENT = Path(__file__).parent / "content"
HEADER = "Loaded by `manage.py load_roles`, written back by `manage.py export_roles`; other comments are not kept."

# Keys with Markdown, which are written as multiline strings.
MULTILINE_KEYS = {"text", "answer"}


class InvalidFile(Exception):
    """A file that cannot be loaded. `errors` are all its errors, each with its key."""

    def __init__(self, path, errors):
        self.path, self.errors = path, errors
        super().__init__("\n".join(f"{path}: {error}" for error in errors))


# From rows to a document ----------------------------------------------------------------------------------------------


def document(role: Role) -> dict:
    lists = {}
    for entry in role.entries.all():
        item = {"label": entry.label, "text": entry.text} if entry.label else entry.text
        lists.setdefault(entry.section, []).append(item)
    raw = {name: getattr(role, name) for name in ROLE_FIELDS}
    raw["titles"] = [title.title for title in role.titles.all()]
    raw["median_salary"] = {key: getattr(role, name) for key, name in MEDIAN.items()}
    raw["experience"] = {key: getattr(role, name) for key, name in EXPERIENCE.items()}
    for key, field, section in SECTIONS:
        raw[key] = {"text": getattr(role, field) if field else "", "list": lists.get(section, [])}
    raw["salary"]["bands"] = [_row(band, BAND_FIELDS) for band in role.bands.all()]
    raw["faq"] = [_row(entry, FAQ_FIELDS) for entry in role.faq.all()]
    return canonical(raw)


def _row(instance, names) -> dict:
    return {name: getattr(instance, name) for name in names}


def digest(doc: dict) -> str:
    text = json.dumps(doc, sort_keys=True, ensure_ascii=False, default=datetime.date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


# From a document to rows ----------------------------------------------------------------------------------------------


def store(doc: dict, slug: str, role: Role | None = None) -> Role:
    """Save `doc` to `role`, or to a new role, with the digest of the document."""
    role = role or Role(slug=slug)
    for name in ROLE_FIELDS:
        setattr(role, name, doc.get(name, Role._meta.get_field(name).get_default()))
    for table, names in (("median_salary", MEDIAN), ("experience", EXPERIENCE)):
        for key, name in names.items():
            setattr(role, name, doc.get(table, {}).get(key, Role._meta.get_field(name).get_default()))
    entries = []
    for key, field, section in SECTIONS:
        if field:
            setattr(role, field, doc.get(key, {}).get("text", ""))
        for position, item in enumerate(doc.get(key, {}).get("list", []), 1):
            values = item if isinstance(item, dict) else {"text": item}
            entries.append(RoleEntry(section=section, position=position, **values))
    role.loaded_digest = digest(doc)
    role.save()

    titles = [
        RoleTitle(position=position, title=title, key=search_key(title))
        for position, title in enumerate(doc.get("titles", []), 1)
    ]
    bands = [SalaryBand(**band) for band in doc.get("salary", {}).get("bands", [])]
    faq = [FaqEntry(position=position, **entry) for position, entry in enumerate(doc.get("faq", []), 1)]
    for model, rows in ((RoleEntry, entries), (RoleTitle, titles), (SalaryBand, bands), (FaqEntry, faq)):
        model.objects.filter(role=role).delete()
        for row in rows:
            row.role = role
        model.objects.bulk_create(rows)
    return role


# From a document to text ----------------------------------------------------------------------------------------------


def dump(doc: dict) -> str:
    """Return `doc` as TOML: Markdown as multiline strings, lists with one item per line."""
    file = tomlkit.document()
    file.add(tomlkit.comment(HEADER))
    # Values before tables: after the heading of a table they would belong to it.
    for key, value in doc.items():
        if not isinstance(value, dict) and key != "faq":
            file.add(key, _item(key, value))
    for key, value in doc.items():
        if isinstance(value, dict):
            file.add(tomlkit.nl())
            file.add(key, _table(value))
    if "faq" in doc:
        file.add("faq", _tables(doc["faq"]))
    return tomlkit.dumps(file).rstrip("\n") + "\n"


def _table(values: dict):
    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, _tables(value) if key == "bands" else _item(key, value))
    return table


def _tables(rows: list[dict]):
    tables = tomlkit.aot()
    for row in rows:
        table = _table(row)
        table.trivia.indent = "\n"
        tables.append(table)
    return tables


def _item(key: str, value):
    if key in MULTILINE_KEYS:
        return _long_string(value)
    if isinstance(value, list):
        array = tomlkit.array()
        for entry in value:
            if isinstance(entry, dict):
                line = tomlkit.inline_table()
                line.update(entry)
                array.append(line)
            else:
                array.append(tomlkit.string(entry))
        return array.multiline(True)
    return value


def _long_string(text: str) -> String:
    """Return a multiline string with its delimiters on lines of their own. `read` strips the last line end.

    A carriage return is written as an escape, since TOML parsers normalize “\\r\\n”.
    """
    body = tomlkit.string(text + "\n", multiline=True).as_string()[3:-3].replace("\r\n", "\\r\n")
    # A reader drops one line end after the opening delimiter; tomlkit has allowed for it only where the text has one.
    if text[:1] not in {"\n", "\r"} or not text:
        body = "\n" + body
    return String(StringType.MLB, text + "\n", body, Trivia())


# From text to a document ----------------------------------------------------------------------------------------------


def read(path: Path) -> tuple[str, dict]:
    """Return the slug and the document of a file. Raise InvalidFile with all its errors."""
    errors = []
    slug = path.stem
    slug_field = Role._meta.get_field("slug")
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", slug) or len(slug) > slug_field.max_length:
        errors.append(
            f"the name of the file must be the slug of the page: letters without accents, digits and hyphens, "
            f"{slug_field.max_length} at most"
        )
    try:
        # Some editors on Windows write a byte order mark.
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidFile(path, [error.strerror or str(error)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidFile(path, [*errors, f"line {line}: not UTF-8"]) from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(path, [*errors, f"not TOML: {error}"]) from None
    doc = DocumentCheck(errors).document(raw)
    if errors:
        raise InvalidFile(path, errors)
    return slug, doc
