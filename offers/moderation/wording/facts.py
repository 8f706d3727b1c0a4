"""What to mend in an offer that no list of phrases can tell: numbers, addresses, capitals, amounts, contradictions."""

import re
import unicodedata
from typing import NamedTuple

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberMatcher, PhoneNumberType, phonenumberutil, shortnumberinfo

from jobboard.text.keys import search_key
from jobboard.text.numbers import NBSP, euros, thousands
from offers.models import Offer
from offers.moderation.wording.phrases import fold

# A range whose top is more than this times its bottom says little to a candidate.
WIDE_PAY = 1.4
SHORT_DESCRIPTION = 300
# How far from a foreign word, in characters, its explanation may stand.
NEAR = 80

ERROR, WARNING = "error", "warning"
TEXTS = ("highlights", "description", "employer_descriptor")

_LOCAL = r"(?<![\w.+-])[\w.+-]{1,64}"  # bounded: a long word must not be read again from each of its letters
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
# Numbers of three to six digits that somebody is asked to call or to write to: 39 49, 118 218, 3615, 81015.
_SHORT_CALL = re.compile(
    r"\b(?:appel(?:ez|er|s)?|compos(?:ez|er)|tél(?:éphone|éphonez|éphoner|\.)?|numéro|contactez|joignez|sms|texto)\b"
    r"[^\d\n]{0,30}(?<![\d.,])(118[ .]?\d{3}|3\d[ .]?\d{2}|[3-8]\d{4}|10\d{2})(?![\d.,]*\d)",
    re.IGNORECASE,
)
_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}

_PAY_IN_TITLE = re.compile(r"\d{2,3}(?:[\s.]?\d{3})?\s?(?:k\b|k€|€|euros?\b)", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
# Signs that belong to names.
_SIGNS_ALLOWED = set("®™©°²³µ")

_FRENCH = re.compile(
    r"\b(?:le|la|les|de|des|du|et|est|un|une|vous|nous|pour|avec|dans|sur|au|aux|en|votre|notre|qui|que)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
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
_MAYBE = re.compile(r"(?:jusqu'a|maximum|au plus|ou|a|entre|possible|apres|negociable)\s*$")


class Fact(NamedTuple):
    severity: str
    category: str
    field: str
    what: str
    start: int = 0
    end: int = 0
    advice: str = ""


def about(offer: Offer) -> list[Fact]:
    return [
        *_title(offer),
        *(fact for field in ("title", *TEXTS) for fact in _contacts(field, getattr(offer, field))),
        *_place(offer),
        *_pay(offer),
        *_remote(offer),
        *_description(offer),
        *_employer(offer),
    ]


def is_explained(folded: str, start: int, end: int, equivalents: str) -> bool:
    """Whether the foreign word between `start` and `end` is explained: in parentheses, or by an equivalent near by."""
    if re.match(r"\s*[(\[]", folded[end:]):
        return True
    opened, closed = folded.rfind("(", 0, start), folded.rfind(")", 0, start)
    if opened > closed and ")" in folded[end : end + NEAR]:
        return True
    around = folded[max(start - NEAR, 0) : start] + " " + folded[end : end + NEAR]
    return any(fold(one.strip()).text in around for one in equivalents.split(",") if one.strip())


# The title


def _title(offer) -> list[Fact]:
    title, found = offer.title, []
    words = _LETTERS.findall(title)
    letters = "".join(words)
    # Short words in capitals are what trades are called by: DSI, CTO, SAP FI/CO. Two long ones, or a longer one among
    # few others, are somebody who shouts.
    loud = [word for word in words if len(word) >= 6 and word.isupper()]
    if loud and sum(map(str.isupper, letters)) > 0.6 * len(letters) and (len(loud) > 1 or len(loud[0]) >= 10):
        found.append(Fact(ERROR, "title", "title", "Intitulé en capitales", 0, len(title)))
    if match := re.search(r"[!?]{2,}", title):
        found.append(Fact(ERROR, "title", "title", "Ponctuation répétée dans l’intitulé", *match.span()))
    elif match := re.search(r"!", title):
        found.append(Fact(WARNING, "title", "title", "Point d’exclamation dans l’intitulé", *match.span()))
    for place, sign in enumerate(title):
        if unicodedata.category(sign) in {"So", "Cs"} and sign not in _SIGNS_ALLOWED:
            found.append(Fact(ERROR, "title", "title", "Pictogramme dans l’intitulé", place, place + 1))
            break
    if match := _PAY_IN_TITLE.search(title):
        found.append(
            Fact(WARNING, "title", "title", "Rémunération dans l’intitulé", *match.span(), "les champs de rémunération")
        )
    return found


# How to reach somebody


def _contacts(field: str, text: str) -> list[Fact]:
    found = []
    for pattern, what in ((_EMAIL, "Adresse e-mail"), (_HIDDEN_EMAIL, "Adresse e-mail"), (_HANDLE, "Messagerie")):
        found += [Fact(ERROR, "contact", field, what, *match.span()) for match in pattern.finditer(text)]
    found += _phones(field, text)
    for match in _APPLY_ELSEWHERE.finditer(text):
        found.append(Fact(WARNING, "contact", field, "Adresse pour postuler dans le texte", *match.span()))
    return _apart(found)


def _phones(field: str, text: str) -> list[Fact]:
    found = []
    # Leniency decides what is a number: groups of digits that are written as a number is.
    for match in PhoneNumberMatcher(text, "FR", leniency=phonenumbers.Leniency.VALID):
        costly = phonenumberutil.number_type(match.number) in _COSTLY
        found.append(_phone(field, costly, match.start, match.end))
    for match in _SHORT_CALL.finditer(text):
        digits = re.sub(r"\D", "", match[1])
        number = phonenumbers.PhoneNumber(country_code=33, national_number=int(digits))
        cost = shortnumberinfo.expected_cost_for_region(number, "FR")
        if cost != shortnumberinfo.ShortNumberCost.TOLL_FREE:
            found.append(_phone(field, True, *match.span(1)))
    return found


def _phone(field, costly, start, end) -> Fact:
    category, what = ("premium", "Numéro surtaxé") if costly else ("contact", "Numéro de téléphone")
    return Fact(ERROR, category, field, what, start, end)


def _apart(facts: list[Fact]) -> list[Fact]:
    """The first of those that overlap, errors before warnings."""
    kept: list[Fact] = []
    for fact in sorted(facts, key=lambda fact: (fact.severity, fact.category != "premium", fact.start)):
        if not any(fact.start < other.end and other.start < fact.end for other in kept):
            kept.append(fact)
    return kept


# Place and pay


def _place(offer) -> list[Fact]:
    if offer.place_id or offer.fully_remote:
        return []
    return [Fact(ERROR, "place", "place", "Pas de commune")]


def _pay(offer) -> list[Fact]:
    low, high = offer.pay_min, offer.pay_max
    if low is None or high is None:
        severity = ERROR if settings.PAY_REQUIRED else WARNING
        return [Fact(severity, "pay", "pay_min", "Pas de fourchette de rémunération")]
    if high > WIDE_PAY * low:
        what = f"Fourchette large{NBSP}: {thousands(low)}{NBSP}–{NBSP}{euros(high)}"
        return [Fact(WARNING, "pay", "pay_min", what, advice=f"au plus {euros(round(low * WIDE_PAY))} en haut")]
    return []


# Days at home


def _remote(offer) -> list[Fact]:
    days = 5 if offer.fully_remote else offer.remote_days
    found = []
    for field in ("title", "highlights", "description"):
        folded = fold(getattr(offer, field))
        for pattern, said in ((_FULLY_REMOTE, 5), (_NO_REMOTE, 0)):
            if (match := pattern.search(folded.text)) and days != said:
                span = folded.span(*match.span())
                found.append(Fact(WARNING, "remote", field, f"Le formulaire annonce {_days(days)}", *span))
        if days is not None and not offer.fully_remote:
            for match in _REMOTE_DAYS.finditer(folded.text):
                said = _NUMBERS.get(match["days"]) or int(match["days"])
                if said != days and not _MAYBE.search(folded.text[: match.start()]):
                    span = folded.span(match.start(), match.end("days"))
                    found.append(Fact(WARNING, "remote", field, f"Le formulaire annonce {_days(days)}", *span))
                    break
    return found


def _days(days: int | None) -> str:
    if days is None:
        return "un télétravail non précisé"
    if days == 5:
        return f"100{NBSP}% de télétravail"
    return f"{days}{NBSP}jour{'s' if days > 1 else ''} de télétravail" if days else "un poste sur site"


# The description


def _description(offer) -> list[Fact]:
    text = offer.description.strip()
    if not text:
        return [Fact(ERROR, "description", "description", "Pas de description")]
    found = []
    if len(text) < SHORT_DESCRIPTION:
        what = f"Description très courte{NBSP}: {len(text)}{NBSP}caractères"
        found.append(Fact(WARNING, "description", "description", what))
    english, french = (len(pattern.findall(text)) for pattern in (_ENGLISH, _FRENCH))
    if english >= 8 and english > french:
        found.append(Fact(WARNING, "language", "description", "Description en anglais"))
    return found


# The employer that is to be hidden


def _employer(offer) -> list[Fact]:
    if not (offer.confidential and offer.company):
        return []
    name = search_key(offer.company.name)
    return [
        Fact(ERROR, "employer", field, "Le nom de l’employeur confidentiel est dans le texte")
        for field in ("title", *TEXTS)
        if name and f" {name} " in f" {search_key(getattr(offer, field))} "
    ]
