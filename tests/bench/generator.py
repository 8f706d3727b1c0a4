"""Generate N offers similar to the French market; a seed always gives the same offers.

Each batch has its own random generator, so that a stopped load is resumed with the next batch and gives the same rows.
This module makes no database queries.
"""

import multiprocessing
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, cycle
from random import Random

from django.utils.text import slugify

from careers.enums import Level
from offers.enums import Contract, EmployerKind, OfferStatus
from tests.bench import market

# Increment with every change of the offers that a seed generates.
FORMAT = 1
BATCH = 2_500
# Also the lifetime of an offer, so that offers expire continuously, as in production.
SPREAD_DAYS = 60

COLUMNS = (
    *("id", "title", "status", "company_id", "confidential", "employer_descriptor", "role_id", "place_id", "contract"),
    *("remote_days", "fully_remote", "experience", "pay_min", "pay_max", "highlights", "description", "apply_url"),
    *("external_reference", "created_at", "updated_at", "published_at", "expires_at", "confirmed_at", "closed_at"),
)

# (value, share in percent).
CONTRACTS = [
    (Contract.CDI, 66), (Contract.FREELANCE, 14), (Contract.CDD, 7), (Contract.APPRENTICESHIP, 6),
    (Contract.INTERNSHIP, 4), (Contract.TEMP, 3),
]  # fmt: skip
# Days of remote work; "full" is five days without an office.
REMOTE = [(2, 25), (0, 20), ("full", 15), (3, 14), (None, 12), (1, 8), (4, 4), (5, 2)]
LEVELS = [(Level.CONFIRMED, 30), (Level.JUNIOR, 27), (Level.BEGINNER, 18), (Level.EXPERT, 15), ("", 10)]
STATES = [("open", 85), ("filled", 5), ("draft", 4), ("withdrawn", 3), ("expired", 3)]
KINDS = [
    (EmployerKind.DIRECT, 45), (EmployerKind.IT_SERVICES, 38), (EmployerKind.RECRUITER, 12),
    (EmployerKind.TEMP_AGENCY, 5),
]  # fmt: skip
LEVEL_PAY = {"": 1.0, "debutant": 0.78, "junior": 0.9, "confirme": 1.1, "expert": 1.35}
ZONE_PAY = {"paris": 1.12, "grandes-villes": 1.0, "regions": 0.94}

_SLOT = re.compile(r"\{(\w+)\}")


def _chooser(shares):
    """Return a list of a hundred values, each repeated according to its share, to draw from by index."""
    values = [value for value, share in shares for _ in range(share)]
    assert len(values) == 100
    return values


def _templates(sentences):
    """Return each sentence as a format string with the names of its slots in order."""
    return [
        (_SLOT.sub("%s", text.replace("%", "%%")), tuple(_SLOT.findall(text)))
        for text in sentences
    ]  # fmt: skip


def proper_name(index: int) -> str:
    """Return the proper name with this index: two to four syllables, no two alike."""
    ending = market.ENDINGS[index % len(market.ENDINGS)]
    index = index // len(market.ENDINGS) * 577 + 131
    syllables = []
    while index or len(syllables) < 2:
        index, digit = divmod(index, len(market.SYLLABLES))
        syllables.append(market.SYLLABLES[digit])
    return ("".join(syllables) + ending).capitalize()


class _Cycle:
    """A pool that returns its values in turn, so that no sentence contains one twice."""

    def __init__(self, values):
        self._values = cycle(values)

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return next(self._values)


@dataclass(frozen=True)
class Town:
    """A commune with its population, which determines its share of the offers, and its salary zone."""

    pk: int
    name: str
    population: int
    zone: str


class Market:
    """The companies, skills and offers of one seed and size; `companies` and `skills` in the order of frequency.

    Primary keys begin with 1: a role's is its index in market.JOBS plus 1, a skill's its index in `skills` plus 1.
    """

    def __init__(self, size: int, seed: int, now: datetime, towns: list[Town]):
        self.size, self.seed, self.now, self.towns = size, seed, now, towns
        frequency = {skill: 0 for job in market.JOBS for skill in job.skills}
        for job in market.JOBS:
            for index, skill in enumerate(job.skills):
                frequency[skill] += job.weight / (index + 1)
        self.skills = sorted(frequency, key=lambda skill: -frequency[skill])
        self._skill_ids = {name: pk for pk, name in enumerate(self.skills, 1)}
        self.companies = self._companies(max(int(15 * size**0.5), 50))
        self._job_shares = list(accumulate(job.weight for job in market.JOBS))
        self._town_shares = list(accumulate(town.population for town in towns))
        self._contracts, self._remote, self._levels = map(_chooser, (CONTRACTS, REMOTE, LEVELS))
        self._states = _chooser(STATES)
        self._pools = dict(market.POOLS)
        self._pools["field"] = market.FIELDS
        # More names give more rare words, whose number grows with the number of offers, as in real texts.
        self._pools["product"] = [proper_name(7 * index + 3) for index in range(int(20 * size**0.5))]
        self._pools["person"] = [proper_name(11 * index + 5) for index in range(int(30 * size**0.5))]
        self._sentences = {name: _templates(sentences) for name, sentences in market.SENTENCES.items()}
        self._title_forms = _templates(market.TITLE_FORMS)

    def _companies(self, count: int) -> list[tuple[str, str, str]]:
        """Return (name, slug, kind) of each company, by number of offers in descending order."""
        random = Random(f"{self.seed} companies")
        kinds = _chooser(KINDS)
        companies = []
        for index in range(count):
            name = random.choice(market.COMPANY_FORMS).format(proper_name(index))
            companies.append((name, f"{slugify(name)}-{index + 1}", str(random.choice(kinds))))
        return companies

    # Text

    def _fill(self, random, template) -> str:
        form, slots = template
        pools = self._pools
        return form % tuple([(pool := pools[slot])[int(len(pool) * random() ** 2)] for slot in slots])

    def _draw(self, random, name: str, count: int) -> list[str]:
        """Return `count` different sentences, drawn from the start of the list more often than from the end."""
        sentences = self._sentences[name]
        selected = {}
        while len(selected) < count:
            selected[int(len(sentences) * random() ** 1.3)] = None
        return [_capitalize(self._fill(random, sentences[index])) for index in selected]

    def _description(self, random) -> str:
        missions = "\n".join(f"- {line}" for line in self._draw(random, "mission", 4 + int(random() * 4)))
        return (
            f"{' '.join(self._draw(random, 'intro', 2))}\n\n"
            f"{' '.join(self._draw(random, 'team', 1 + int(random() * 2)))}\n\n**Vos missions**\n\n{missions}\n\n"
            f"{' '.join(self._draw(random, 'stack', 1 + int(random() * 2)))}\n\n**Votre profil**\n\n"
            f"{' '.join(self._draw(random, 'profile', 2 + int(random() * 2)))}\n\n"
            f"{' '.join(self._draw(random, 'offered', 1 + int(random() * 2)))} "
            f"{' '.join(self._draw(random, 'process', 1))}"
        )

    def prose(self, name: str, skills, sentences: int, section: str) -> str:
        """Return a section of a role's page."""
        random = Random(f"{self.seed} {name} {section}").random
        self._pools["skill"] = _Cycle(skills)
        return " ".join(self._draw(random, "prose", sentences))

    # Offers

    def batches(self, start: int = 0) -> Iterator[list[tuple[tuple, list[int]]]]:
        """Yield batches of (row in the order of COLUMNS, pks of its skills), from the batch that begins at `start`."""
        for first in range(start, self.size, BATCH):
            random = Random(f"{self.seed} {first}").random
            yield [self._offer(random, index + 1) for index in range(first, min(first + BATCH, self.size))]

    def _offer(self, random, pk: int):
        pools = self._pools
        job_id, job = self._pick_job(random)
        town = self.towns[_pick_index(self._town_shares, random())]
        contract = self._contracts[int(random() * 100)]
        level = self._levels[int(random() * 100)]
        if contract in (Contract.INTERNSHIP, Contract.APPRENTICESHIP):
            level = Level.BEGINNER if random() < 0.7 else ""
        company_id = int(len(self.companies) * random() ** 2) + 1
        company, _, kind = self.companies[company_id - 1]
        confidential = random() < 0.04 and kind != EmployerKind.TEMP_AGENCY
        skills = self._pick_skills(random, job)
        remote = self._remote[int(random() * 100)]
        fully = remote == "full"

        pools["company"] = ("Notre client",) if confidential else (company,)
        pools["town"], pools["job"] = (town.name,), (job.name,)
        title = self._title(random, job, contract, level, skills)
        pools["skill"] = _Cycle(skills)
        low, high = self._pay(random, job, contract, level, town.zone)
        published = self.now - timedelta(seconds=int(random() * SPREAD_DAYS * 86_400) + 1)
        state = self._states[int(random() * 100)]
        status, published_at, expires_at, closed_at = self._lifecycle(random, state, published)
        descriptor = (
            f"{market.DESCRIPTORS[int(random() * len(market.DESCRIPTORS))]} de {town.name}" if confidential else ""
        )
        reference = f"REF-{pk:07d}" if random() < 0.5 else ""
        row = (
            pk,
            title,
            str(status),
            None if confidential and random() < 0.5 else company_id,
            confidential,
            descriptor if random() < 0.9 else "",
            job_id if random() < 0.92 else None,
            None if fully and random() < 0.4 else town.pk,
            str(contract),
            5 if fully else remote,
            fully,
            str(level),
            low,
            high,
            "\n".join(self._draw(random, "highlight", int(random() * 5))),
            self._description(random),
            "" if confidential or random() < 0.4 else f"https://emploi.example.org/{pk}",
            reference,
            published,
            closed_at or published,
            published_at,
            expires_at,
            published_at,
            closed_at,
        )
        return row, [self._skill_ids[skill] for skill in skills]

    def _pick_job(self, random):
        index = _pick_index(self._job_shares, random())
        return index + 1, market.JOBS[index]

    def _pick_skills(self, random, job) -> tuple[str, ...]:
        """Return three to seven skills: mostly of the job, the common ones first, some of other jobs."""
        job_skills = job.skills
        selected = {job_skills[int(len(job_skills) * random() ** 1.7)]: None}
        count = 3 + int(random() * 5)
        while len(selected) < count:
            if random() < 0.9:
                selected[job_skills[int(len(job_skills) * random() ** 1.7)]] = None
            else:
                selected[self.skills[int(len(self.skills) * random() ** 2)]] = None
        return tuple(selected)

    def _title(self, random, job, contract, level, skills) -> str:
        pools = self._pools
        pools["title"] = (job.name, *job.titles)
        pools["skill2"] = skills[1:]
        pools["skill"] = skills[:1]
        pools["level"], pools["contract"] = market.LEVELS[level], (_inside_sentence(contract.label),)
        form = self._title_forms[int(len(self._title_forms) * random() ** 1.3)]
        title = " ".join(self._fill(random, form).split())[:120]
        return _capitalize(title)

    def _pay(self, random, job, contract, level, zone):
        if random() > 0.72:
            return None, None
        factor = LEVEL_PAY[level] * ZONE_PAY[zone] * (0.88 + 0.24 * random())
        spread = 1.08 + 0.14 * random()
        if contract == Contract.FREELANCE:
            low = round(job.rate * factor / 10) * 10
            return low, round(low * spread / 10) * 10
        if contract == Contract.INTERNSHIP:
            return 12_000, 18_000
        if contract == Contract.APPRENTICESHIP:
            return 11_000, 19_000
        low = round(job.pay * factor * 2) * 500
        return low, round(low * spread / 500) * 500

    def _lifecycle(self, random, state, published):
        """Return the status and the datetimes of publication, expiry and closing."""
        expires = published + timedelta(days=SPREAD_DAYS)
        if state == "draft":
            return OfferStatus.DRAFT, None, None, None
        if state == "expired":
            # Expired some days ago, and not yet closed by the task.
            expires = self.now - timedelta(hours=1 + random() * 200)
            return OfferStatus.PUBLISHED, expires - timedelta(days=SPREAD_DAYS), expires, None
        if state == "open":
            return OfferStatus.PUBLISHED, published, expires, None
        closed = published + (self.now - published) * random()
        return (OfferStatus.FILLED if state == "filled" else OfferStatus.WITHDRAWN), published, expires, closed


@contextmanager
def batches(source: Market, start: int, processes: int = 0):
    """Provide the batches of `source` in order. With `processes`, this many processes generate them in advance."""
    if not processes:
        yield source.batches(start)
        return
    arguments = (source.size, source.seed, source.now, source.towns)
    with multiprocessing.get_context("spawn").Pool(processes, _prepare, arguments) as pool:
        yield _in_advance(pool, range(start, source.size, BATCH), 2 * processes)


def _in_advance(pool, starts, limit: int):
    pending = deque()
    for start in starts:
        pending.append(pool.apply_async(_batch, (start,)))
        if len(pending) > limit:
            yield pending.popleft().get()
    while pending:
        yield pending.popleft().get()


def _prepare(*arguments):
    global _source
    _source = Market(*arguments)


def _batch(start: int) -> list:
    return next(_source.batches(start))


def _inside_sentence(label: str) -> str:
    return label if label.isupper() else label.lower()


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pick_index(shares: list[int], share: float) -> int:
    """Return the index at which the cumulated `shares` reach `share` (0 to 1) of their sum."""
    return bisect_right(shares, share * shares[-1])
