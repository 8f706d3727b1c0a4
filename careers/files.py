"""Role profiles as files: one TOML file a role, named after its slug, so that a change is readable in a diff.

Three forms and the conversions between them: rows (`document`, `store`), a dictionary called the document (without
empty values), and text (`read`, `dump`). The round trip preserves any text that a curator can enter. `digest`
identifies a document.
"""

import datetime
import hashlib
import json
import re
import tomllib
from pathlib import Path

import tomlkit
from django.core.validators import MaxValueValidator, MinValueValidator
from tomlkit.items import String, StringType, Trivia

from careers.enums import Level, Zone
from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from jobboard.text.keys import search_key

CONTENT = Path(__file__).parent / "content"
HEADER = "Loaded by `manage.py load_roles`, written back by `manage.py export_roles`; other comments are not kept."

# Key of the file, Markdown field of Role, list.
SECTIONS = [
    ("definition", "definition", None),
    ("missions", "missions", RoleEntry.Section.MISSION),
    ("skills", "skills", RoleEntry.Section.SKILL),
    ("soft_skills", "soft_skills", RoleEntry.Section.SOFT_SKILL),
    ("training", "training", RoleEntry.Section.TRAINING),
    ("evolution", "evolution", RoleEntry.Section.EVOLUTION),
    ("salary", "salary", None),
    ("sectors", "sectors", RoleEntry.Section.SECTOR),
    ("remote", None, RoleEntry.Section.REMOTE),
    ("day", None, RoleEntry.Section.DAY),
]
MEDIAN = {"amount": "median_salary", "source": "salary_source", "year": "salary_year"}
EXPERIENCE = {"from": "experience_from", "to": "experience_to"}
ROLE_FIELDS = ["name", "full_name", "french_name", "status", "updated_on", "summary", "study_level"]
BAND_FIELDS = ["level", "zone", "minimum", "maximum", "source", "year"]
FAQ_FIELDS = ["question", "answer", "illustration"]
# Markdown, which may run over several lines.
LONG = {"text", "answer"}


class Refused(Exception):
    """A file that cannot be loaded. `errors` lists all its errors, each with its key."""

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
    return _canonical(raw)


def _row(instance, names) -> dict:
    return {name: getattr(instance, name) for name in names}


def _canonical(raw: dict) -> dict:
    """The keys in the order of files, without those that hold nothing; the cells of the grid in the grid's order."""
    keys = [*ROLE_FIELDS, "titles", "median_salary", "experience", *(key for key, _, _ in SECTIONS), "faq"]
    found = {key: _without_empty(raw[key]) for key in keys if key in raw}
    if bands := found.get("salary", {}).get("bands"):
        bands.sort(key=lambda band: (Level.values.index(band["level"]), Zone.values.index(band["zone"])))
    return {key: value for key, value in found.items() if value not in (None, "", [], {})}


def _without_empty(value):
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value]
    # Enumeration members become what they stand for.
    return getattr(value, "value", value)


def digest(doc: dict) -> str:
    text = json.dumps(doc, sort_keys=True, ensure_ascii=False, default=datetime.date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


# From a document to rows ----------------------------------------------------------------------------------------------


def store(doc: dict, slug: str, role: Role | None = None) -> Role:
    """Write `doc` to `role`, or to a new one, and store the digest of the document."""
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
    """Return `doc` as TOML: Markdown over several lines, lists with one item a line."""
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
    if key in LONG:
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
    """Return the slug and the document of the file at `path`. Raise Refused with all errors."""
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
        raise Refused(path, [error.strerror or str(error)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused(path, [*errors, f"line {line}: not UTF-8"]) from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(path, [*errors, f"not TOML: {error}"]) from None
    doc = _Check(errors).document(raw)
    if errors:
        raise Refused(path, errors)
    return slug, doc


class _Check:
    """Walks what was read beside what a profile may hold, and notes every difference."""

    def __init__(self, errors: list[str]):
        self.errors = errors

    def document(self, raw: dict) -> dict:
        self.keys("", raw, [*ROLE_FIELDS, "titles", "median_salary", "experience", *(s[0] for s in SECTIONS), "faq"])
        doc = {}
        for name in ROLE_FIELDS:
            required = name in {"name", "status", "updated_on", "summary"}
            doc[name] = self.value("", raw, name, Role._meta.get_field(name), required=required)
        doc["titles"] = self.titles(raw)
        doc["median_salary"] = self.fields(raw, "median_salary", MEDIAN)
        doc["experience"] = self.fields(raw, "experience", EXPERIENCE)
        for key, field, section in SECTIONS:
            doc[key] = self.section(raw, key, field, section)
        doc["faq"] = self.rows("faq", raw.get("faq", []), FaqEntry, FAQ_FIELDS, optional={"illustration"})
        self.across(doc)
        return doc if self.errors else _canonical(doc)

    def across(self, doc):
        """What only several values together can get wrong."""
        median, experience = doc["median_salary"], doc["experience"]
        if median.get("amount") is not None:
            for key in ("source", "year"):
                if median.get(key) in (None, "") and not self.has_error(f"median_salary.{key}"):
                    self.error(f"median_salary.{key}", "missing: a median salary is given with its source and year")
        low, high = experience.get("from"), experience.get("to")
        if high is not None and low is None and not self.has_error("experience.from"):
            self.error("experience.from", "missing: experience is given from … to …")
        if low is not None and high is not None and low > high:
            self.error("experience", f"from ({low}) is more than to ({high})")
        cells = {}
        for number, band in enumerate(doc["salary"].get("bands", []), 1):
            key = f"salary.bands[{number}]"
            if None not in (band.get("minimum"), band.get("maximum")) and band["minimum"] > band["maximum"]:
                self.error(key, f"minimum ({band['minimum']}) is more than maximum ({band['maximum']})")
            cell = (band.get("level"), band.get("zone"))
            if None in cell:
                continue
            if cell in cells:
                self.error(key, f"same level and zone as salary.bands[{cells[cell]}]")
            cells.setdefault(cell, number)

    # Tables and lists

    def section(self, raw, key, field, section) -> dict:
        allowed = [
            *(["text"] if field else []),
            *(["list"] if section else []),
            *(["bands"] if key == "salary" else []),
        ]
        table = self.table(raw, key, allowed)
        found = {}
        if field:
            found["text"] = self.value(key, table, "text", Role._meta.get_field(field))
        if section:
            found["list"] = self.entries(f"{key}.list", table.get("list", []))
        if key == "salary":
            found["bands"] = self.rows("salary.bands", table.get("bands", []), SalaryBand, BAND_FIELDS)
        return found

    def fields(self, raw, key, names) -> dict:
        table = self.table(raw, key, names)
        return {inner: self.value(key, table, inner, Role._meta.get_field(name)) for inner, name in names.items()}

    def table(self, raw, key, allowed) -> dict:
        table = raw.get(key, {})
        if not isinstance(table, dict):
            self.wrong_type(key, "a table", table)
            return {}
        self.keys(key, table, allowed)
        return table

    def rows(self, key, raw, model, names, optional=frozenset()) -> list[dict]:
        if not isinstance(raw, list):
            self.wrong_type(key, "a list of tables", raw)
            return []
        found = []
        for number, row in enumerate(raw, 1):
            here = f"{key}[{number}]"
            if not isinstance(row, dict):
                self.wrong_type(here, "a table", row)
                continue
            self.keys(here, row, names)
            found.append(
                {
                    name: self.value(here, row, name, model._meta.get_field(name), required=name not in optional)
                    for name in names
                }
            )
        return found

    def entries(self, key, raw) -> list:
        if not isinstance(raw, list):
            self.wrong_type(key, "a list", raw)
            return []
        found = []
        for number, item in enumerate(raw, 1):
            here = f"{key}[{number}]"
            if isinstance(item, str):
                found.append(self.text(here, item, RoleEntry._meta.get_field("text"), required=True))
            elif isinstance(item, dict):
                self.keys(here, item, ["label", "text"])
                label = self.value(here, item, "label", RoleEntry._meta.get_field("label"))
                text = self.value(here, item, "text", RoleEntry._meta.get_field("text"), required=True)
                found.append({"label": label, "text": text} if label else text)
            else:
                self.wrong_type(here, "a text, or a table of label and text", item)
        return found

    def titles(self, raw) -> list[str]:
        titles = raw.get("titles", [])
        if not isinstance(titles, list):
            self.wrong_type("titles", "a list", titles)
            return []
        seen, found, field = {}, [], RoleTitle._meta.get_field("title")
        for number, title in enumerate(titles, 1):
            here = f"titles[{number}]"
            if not isinstance(title, str):
                self.wrong_type(here, "a text", title)
                continue
            found.append(self.text(here, title, field, required=True))
            key = search_key(title)
            if key in seen:
                self.error(here, f"the same title as titles[{seen[key]}], but for case, accents or punctuation")
            elif len(key) > field.max_length:
                self.error(here, f"longer than {field.max_length} characters once ligatures are written out")
            seen.setdefault(key, number)
        return found

    # Values

    def value(self, parent, table, name, field, required=False):
        key = f"{parent}.{name}" if parent else name
        if name not in table:
            if required:
                self.error(key, "missing")
            return None
        value = table[name]
        kind = field.get_internal_type()
        if kind in {"CharField", "TextField"}:
            if not isinstance(value, str):
                return self.wrong_type(key, "a text", value)
            return self.text(key, value.removesuffix("\n") if kind == "TextField" else value, field, required)
        if kind == "DateField":
            if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
                return self.wrong_type(key, "a date such as 2026-01-31, without quotes", value)
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            return self.wrong_type(key, "a whole number", value)
        return self.number(key, value, field)

    def text(self, key, value, field, required=False):
        if required and not value.strip():
            return self.error(key, "empty")
        if "\0" in value:
            return self.error(key, "contains a NUL character, which databases refuse")
        if field.max_length and len(value) > field.max_length:
            return self.error(key, f"{len(value)} characters, {field.max_length} at most")
        if field.choices and value and value not in dict(field.choices):
            return self.error(key, f"“{value}” is none of {', '.join(str(choice) for choice, _ in field.choices)}")
        return value

    def number(self, key, value, field):
        if field.choices:
            if value not in dict(field.choices):
                return self.error(key, f"{value} is none of {', '.join(str(choice) for choice, _ in field.choices)}")
            return value
        lows = [v.limit_value for v in field.validators if isinstance(v, MinValueValidator)]
        highs = [v.limit_value for v in field.validators if isinstance(v, MaxValueValidator)]
        if value < max(lows) or value > min(highs):
            return self.error(key, f"{value} is not between {max(lows)} and {min(highs)}")
        return value

    def keys(self, parent, table, allowed):
        for key in table:
            if key not in allowed:
                self.error(f"{parent}.{key}" if parent else key, f"unknown key; known here: {', '.join(allowed)}")

    # Errors

    def error(self, key, reason) -> None:
        self.errors.append(f"{key}: {reason}")

    def wrong_type(self, key, expected, value) -> None:
        names = {str: "a text", bool: "true or false", int: "a whole number", float: "a decimal number"}
        names |= {list: "a list", dict: "a table", datetime.date: "a date"}
        self.error(key, f"{expected} expected, {names.get(type(value), 'a date and time')} found")

    def has_error(self, key) -> bool:
        return any(error.startswith(f"{key}:") for error in self.errors)
