"""Checks of offers that need code: phone numbers, e-mail addresses, capitals, pay, contradictory remote days."""

import re
import unicodedata
from typing import NamedTuple

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberMatcher, PhoneNumberType, phonenumberutil, shortnumberinfo

from jobboard.text.numbers import NBSP, counted, euros, thousands
from offers.enums import Contract
from offers.models import Offer
from offers.moderation.wording.phrases import fold

# Maximum ratio of the ends of a pay range, above which it is of little use to candidates.
WIDE_PAY = 1.4
SHORT_DESCRIPTION = 300
# Yearly pay in euros above which an internship or an apprenticeship is probably a typing error.
TRAINEE_PAY = 60_000
_TRAINEE_CONTRACTS = (Contract.INTERNSHIP, Contract.APPRENTICESHIP)
# Maximum distance in characters between a foreign word and its explanation.
EXPLANATION_DISTANCE = 80

ERROR, WARNING = "error", "warning"

_LOCAL = r"(?<![\w.+-])[\w.+-]{1,64}"  # bounded against quadratic backtracking in long words
_EMAIL = re.compile(rf"{_LOCAL}\s?(?:@|＠)\s?[\w-]+(?:\.[\w-]+)+")
_AT = r"(?:\s*[(\[{<]\s*(?:at|arobase|arobas|a)\s*[)\]}>]\s*|\s+(?:arobase|arobas)\s+)"
_DOT = r"(?:\s*[(\[{<]\s*(?:dot|point)\s*[)\]}>]\s*|\s+(?:point|dot)\s+|\.)"
_HIDDEN_EMAIL = re.compile(
    rf"{_LOCAL}{_AT}[\w-]+(?:{_DOT}[\w-]+)*{_DOT}(?:fr|com|org|net|io|eu|tech|dev|ai|co|info)\b", re.IGNORECASE
)
_HANDLE = re.compile(
    r"\b(?:whats?app|telegram|signal|skype|messenger|discord|instagram|insta|snapchat|snap|viber|wechat|tiktok)"
    r"\s*(?::|au|=)?\s*(?:@[\w.]{3,}|\+?\d[\d .]{7,}|[\w.]{3,32}#\d{4})"
    r"|\b(?:wa|t)\.me/[\w+]+|(?<![\w.])[\w.]{3,32}#\d{4}\b|\bdiscord\.gg/\w+",
    re.IGNORECASE,
)
_APPLY_ELSEWHERE = re.compile(
    r"\b(?:postul\w*|candidatures?|cv|candidat\w*|déposer)\b[^.\n!?]{0,60}?(?:https?://|www\.)[^\s<>()\]]+",
    re.IGNORECASE,
)
# Short phone numbers (3 to 6 digits) after a verb such as “appelez”: 39 49, 118 218, 3615, 81015.
_SHORT_NUMBER = re.compile(
    r"\b(?:appel(?:ez|er|s)?|compos(?:ez|er)|tél(?:éphone|éphonez|éphoner|\.)?|numéro|contactez|joignez|sms|texto)\b"
    r"[^\d\n]{0,30}(?<![\d.,])(118[ .]?\d{3}|3\d[ .]?\d{2}|[3-8]\d{4}|10\d{2})(?![\d.,]*\d)",
    re.IGNORECASE,
)
_PREMIUM_TYPES = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}

_PAY_IN_TITLE = re.compile(r"\d{2,3}(?:[\s.]?\d{3})?\s?(?:k\b|k€|€|euros?\b)", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
# Symbols allowed in product names.
_SIGNS_ALLOWED = set("®™©°²³µ")

_FRENCH_WORD = re.compile(
    r"\b(?:le|la|les|de|des|du|et|est|un|une|vous|nous|pour|avec|dans|sur|au|aux|en|votre|notre|qui|que)\b",
    re.IGNORECASE,
)
_ENGLISH_WORD = re.compile(
    r"\b(?:the|and|of|to|you|we|for|with|our|your|will|are|is|be|as|who|this|that|have|from|by)\b", re.IGNORECASE
)

_FULLY_REMOTE = re.compile(
    r"(?<!\w)(?:full remote|100\s?%\s?(?:en\s)?(?:teletravail|remote|a distance)"
    r"|teletravail (?:complet|total|integral)|(?:teletravail|remote) a 100\s?%)(?!\w)"
)
_NO_REMOTE = re.compile(
    r"(?<!\w)(?:(?:pas de|aucun|sans) teletravail|teletravail impossible"
    r"|100\s?% (?:en presentiel|sur site(?! distant)))(?!\w)"
)
_NUMBERS = {"un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
_REMOTE_DAYS = re.compile(
    r"(?<![\w,.])(?P<days>[0-5]|un|deux|trois|quatre|cinq) jours? "
    r"(?:de teletravail|de remote|en teletravail|a distance)"
    r"(?! (?:par mois|par an|par trimestre))(?:\s|[.,;:!)]|$)"
)
_QUALIFIER = re.compile(r"(?:jusqu'a|maximum|au plus|ou|a|entre|possible|apres|negociable)\s*$")


class Problem(NamedTuple):
    """A problem in a field of an offer, before its reason is looked up; see `Finding`."""

    severity: str
    category: str
    field: str
    message: str
    start: int = 0
    end: int = 0
    advice: str = ""


def find_problems(offer: Offer, texts: dict[str, str]) -> list[Problem]:
    """Return the problems of `offer` that depend on its fields, and those of its `texts`, by field."""
    return [
        *_title(offer),
        *(problem for field, text in texts.items() for problem in find_contacts(field, text)),
        *_place(offer),
        *_pay(offer),
        *_remote(offer),
        *_description(offer),
    ]


def is_explained(folded: str, start: int, end: int, equivalents: str) -> bool:
    """Return whether the foreign word at `start`:`end` is explained in parentheses or by a French equivalent nearby."""
    if re.match(r"\s*[(\[]", folded[end:]):
        return True
    opened, closed = folded.rfind("(", 0, start), folded.rfind(")", 0, start)
    if opened > closed and ")" in folded[end : end + EXPLANATION_DISTANCE]:
        return True
    context = folded[max(start - EXPLANATION_DISTANCE, 0) : start] + " " + folded[end : end + EXPLANATION_DISTANCE]
    return any(fold(word.strip()).text in context for word in equivalents.split(",") if word.strip())


# Title


def _title(offer) -> list[Problem]:
    title, problems = offer.title, []
    words = _LETTERS.findall(title)
    letters = "".join(words)
    # Acronyms such as DSI, CTO or SAP FI/CO are allowed. Two long words in capitals, or one very long word that
    # dominates the title, are not.
    capitals = [word for word in words if len(word) >= 6 and word.isupper()]
    is_mostly_upper = sum(map(str.isupper, letters)) > 0.6 * len(letters)
    if capitals and is_mostly_upper and (len(capitals) > 1 or len(capitals[0]) >= 10):
        problems.append(Problem(ERROR, "title", "title", "Intitulé en capitales", 0, len(title)))
    if match := re.search(r"[!?]{2,}", title):
        problems.append(Problem(ERROR, "title", "title", "Ponctuation répétée dans l’intitulé", *match.span()))
    elif match := re.search(r"!", title):
        problems.append(Problem(WARNING, "title", "title", "Point d’exclamation dans l’intitulé", *match.span()))
    for index, character in enumerate(title):
        if unicodedata.category(character) in {"So", "Cs"} and character not in _SIGNS_ALLOWED:
            problems.append(Problem(ERROR, "title", "title", "Pictogramme dans l’intitulé", index, index + 1))
            break
    if match := _PAY_IN_TITLE.search(title):
        message, advice = "Rémunération dans l’intitulé", "les champs de rémunération"
        problems.append(Problem(WARNING, "title", "title", message, *match.span(), advice))
    return problems


# Contact details


def find_contacts(field: str, text: str) -> list[Problem]:
    """Return the contact details in a text."""
    problems = []
    for pattern, message in ((_EMAIL, "Adresse e-mail"), (_HIDDEN_EMAIL, "Adresse e-mail"), (_HANDLE, "Messagerie")):
        problems += [Problem(ERROR, "contact", field, message, *match.span()) for match in pattern.finditer(text)]
    problems += _phones(field, text)
    for match in _APPLY_ELSEWHERE.finditer(text):
        problems.append(Problem(WARNING, "contact", field, "Adresse pour postuler dans le texte", *match.span()))
    return _without_overlaps(problems)


def _phones(field: str, text: str) -> list[Problem]:
    problems = []
    # VALID: only valid numbers in a usual grouping of digits.
    for match in PhoneNumberMatcher(text, "FR", leniency=phonenumbers.Leniency.VALID):
        is_premium = phonenumberutil.number_type(match.number) in _PREMIUM_TYPES
        problems.append(_phone(field, is_premium, match.start, match.end))
    for match in _SHORT_NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[1])
        number = phonenumbers.PhoneNumber(country_code=33, national_number=int(digits))
        cost = shortnumberinfo.expected_cost_for_region(number, "FR")
        if cost != shortnumberinfo.ShortNumberCost.TOLL_FREE:
            problems.append(_phone(field, True, *match.span(1)))
    return problems


def _phone(field, is_premium, start, end) -> Problem:
    category, message = ("premium", "Numéro surtaxé") if is_premium else ("contact", "Numéro de téléphone")
    return Problem(ERROR, category, field, message, start, end)


def _without_overlaps(problems: list[Problem]) -> list[Problem]:
    """Return the most important problem of each group that overlaps, errors before warnings."""

    def priority(problem):
        return problem.severity, problem.category != "premium", problem.start

    selected: list[Problem] = []
    for problem in sorted(problems, key=priority):
        if not any(problem.start < other.end and other.start < problem.end for other in selected):
            selected.append(problem)
    return selected


# Commune and pay


def _place(offer) -> list[Problem]:
    if offer.place_id or offer.fully_remote:
        return []
    return [Problem(ERROR, "place", "place", "Pas de commune")]


def _pay(offer) -> list[Problem]:
    low, high = offer.pay_min, offer.pay_max
    if high is not None and offer.contract in _TRAINEE_CONTRACTS and high > TRAINEE_PAY:
        message = f"Rémunération inhabituelle pour ce contrat{NBSP}: {euros(high)}"
        return [Problem(WARNING, "pay", "pay_min", message)]
    if low is None or high is None:
        severity = ERROR if settings.PAY_REQUIRED else WARNING
        return [Problem(severity, "pay", "pay_min", "Pas de fourchette de rémunération")]
    if high > WIDE_PAY * low:
        message = f"Fourchette large{NBSP}: {thousands(low)}{NBSP}–{NBSP}{euros(high)}"
        return [Problem(WARNING, "pay", "pay_min", message, advice=f"au plus {euros(round(low * WIDE_PAY))} en haut")]
    return []


# Remote work


def _remote(offer) -> list[Problem]:
    days = 5 if offer.fully_remote else offer.remote_days
    problems = []
    for field in ("title", "highlights", "description"):
        folded = fold(getattr(offer, field))
        for pattern, stated in ((_FULLY_REMOTE, 5), (_NO_REMOTE, 0)):
            if (match := pattern.search(folded.text)) and days != stated:
                span = folded.span(*match.span())
                problems.append(Problem(WARNING, "remote", field, f"Le formulaire annonce {_days(days)}", *span))
        if days is not None and not offer.fully_remote:
            for match in _REMOTE_DAYS.finditer(folded.text):
                stated = _NUMBERS.get(match["days"]) or int(match["days"])
                if stated != days and not _QUALIFIER.search(folded.text[: match.start()]):
                    span = folded.span(match.start(), match.end("days"))
                    problems.append(Problem(WARNING, "remote", field, f"Le formulaire annonce {_days(days)}", *span))
                    break
    return problems


def _days(days: int | None) -> str:
    if days is None:
        return "un télétravail non précisé"
    if days == 5:
        return f"100{NBSP}% de télétravail"
    return f"{counted(days, 'jour')} de télétravail" if days else "un poste sur site"


# Description


def _description(offer) -> list[Problem]:
    text = offer.description.strip()
    if not text:
        return [Problem(ERROR, "description", "description", "Pas de description")]
    problems = []
    if len(text) < SHORT_DESCRIPTION:
        message = f"Description très courte{NBSP}: {len(text)}{NBSP}caractères"
        problems.append(Problem(WARNING, "description", "description", message))
    english, french = (len(pattern.findall(text)) for pattern in (_ENGLISH_WORD, _FRENCH_WORD))
    if english >= 8 and english > french:
        problems.append(Problem(WARNING, "language", "description", "Description en anglais"))
    return problems
