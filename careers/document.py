"""Role profiles as dictionaries, called documents: their keys, and the validation of parsed files."""

import datetime

from django.core.validators import MaxValueValidator, MinValueValidator

from careers.enums import EntrySection, Level, Zone
from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from careers.prose import PROSE
from jobboard.text.keys import search_key

# (key of the file, Markdown field of Role or None, list of entries or None)
SECTIONS = [
    *((prose.field, prose.field, prose.entries) for prose in PROSE),
    ("remote", None, EntrySection.REMOTE),
    ("day", None, EntrySection.DAY),
]
MEDIAN = {"amount": "median_salary", "source": "salary_source", "year": "salary_year"}
EXPERIENCE = {"from": "experience_from", "to": "experience_to"}
ROLE_FIELDS = ["name", "full_name", "french_name", "status", "updated_on", "summary", "study_level"]
BAND_FIELDS = ["level", "zone", "minimum", "maximum", "source", "year"]
FAQ_FIELDS = ["question", "answer", "illustration"]


def canonical(raw: dict) -> dict:
    """Return a document with its keys in the order of files and a sorted grid, without empty values."""
    keys = [*ROLE_FIELDS, "titles", "median_salary", "experience", *(key for key, _, _ in SECTIONS), "faq"]
    checked = {key: _without_empty(raw[key]) for key in keys if key in raw}
    if bands := checked.get("salary", {}).get("bands"):
        bands.sort(key=lambda band: (Level.values.index(band["level"]), Zone.values.index(band["zone"])))
    return {key: value for key, value in checked.items() if value not in (None, "", [], {})}


def _without_empty(value):
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value]
    # Enumeration members become their values.
    return getattr(value, "value", value)


class DocumentCheck:
    """Validates a parsed file against the models.

    Methods return the validated value, or None after appending to `errors` a message with the key of the value, such as
    `salary.bands[2].minimum`.
    """

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
        self.check_consistency(doc)
        return doc if self.errors else canonical(doc)

    def check_consistency(self, doc):
        """Check values that depend on each other."""
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
        checked = {}
        if field:
            checked["text"] = self.value(key, table, "text", Role._meta.get_field(field))
        if section:
            checked["list"] = self.entries(f"{key}.list", table.get("list", []))
        if key == "salary":
            checked["bands"] = self.rows("salary.bands", table.get("bands", []), SalaryBand, BAND_FIELDS)
        return checked

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
        checked = []
        for number, row in enumerate(raw, 1):
            path = f"{key}[{number}]"
            if not isinstance(row, dict):
                self.wrong_type(path, "a table", row)
                continue
            self.keys(path, row, names)
            checked.append(
                {
                    name: self.value(path, row, name, model._meta.get_field(name), required=name not in optional)
                    for name in names
                }
            )
        return checked

    def entries(self, key, raw) -> list:
        if not isinstance(raw, list):
            self.wrong_type(key, "a list", raw)
            return []
        checked = []
        for number, item in enumerate(raw, 1):
            path = f"{key}[{number}]"
            if isinstance(item, str):
                checked.append(self.text(path, item, RoleEntry._meta.get_field("text"), required=True))
            elif isinstance(item, dict):
                self.keys(path, item, ["label", "text"])
                label = self.value(path, item, "label", RoleEntry._meta.get_field("label"))
                text = self.value(path, item, "text", RoleEntry._meta.get_field("text"), required=True)
                checked.append({"label": label, "text": text} if label else text)
            else:
                self.wrong_type(path, "a text, or a table of label and text", item)
        return checked

    def titles(self, raw) -> list[str]:
        titles = raw.get("titles", [])
        if not isinstance(titles, list):
            self.wrong_type("titles", "a list", titles)
            return []
        seen, checked, field = {}, [], RoleTitle._meta.get_field("title")
        for number, title in enumerate(titles, 1):
            path = f"titles[{number}]"
            if not isinstance(title, str):
                self.wrong_type(path, "a text", title)
                continue
            checked.append(self.text(path, title, field, required=True))
            key = search_key(title)
            if key in seen:
                self.error(path, f"the same title as titles[{seen[key]}], but for case, accents or punctuation")
            elif len(key) > field.max_length:
                self.error(path, f"longer than {field.max_length} characters once ligatures are written out")
            seen.setdefault(key, number)
        return checked

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
