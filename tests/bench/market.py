"""The vocabulary of generated offers, from market.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """A role with its frequency, pay (K€ per year, € per day), other titles and skills."""

    slug: str
    name: str
    weight: int
    pay: int
    rate: int
    titles: list[str]
    skills: list[str]


_data = tomllib.loads(Path(__file__).with_name("market.toml").read_text("utf-8"))

JOBS = [Job(**job) for job in _data["job"]]
ALIASES: dict[str, list[str]] = _data["aliases"]
TITLE_FORMS: list[str] = _data["title_forms"]
FIELDS: list[str] = _data["fields"]
# By level of experience, which an offer may leave empty.
LEVELS: dict[str, list[str]] = {"": [""], **_data["levels"]}
# By kind of sentence, and by the name of the slot.
SENTENCES: dict[str, list[str]] = _data["sentences"]
POOLS: dict[str, list[str]] = _data["pools"]
SYLLABLES: list[str] = _data["syllables"]
ENDINGS: list[str] = _data["endings"]
COMPANY_FORMS: list[str] = _data["company_forms"]
DESCRIPTORS: list[str] = _data["descriptors"]
