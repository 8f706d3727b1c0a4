"""E-mail addresses in one spelling, and the reasons why one is invalid."""

import re
import unicodedata

from jobboard.text.cleaning import clean_line
from jobboard.text.numbers import NBSP

EXAMPLE = "prenom.nom@exemple.fr"
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]@]+[^\s<>,;:\"()\[\]@.]")


def clean_email(text: str) -> str:
    """Return an address with its domain in lower case and in ASCII, so that both spellings of a domain are equal.

    >>> clean_email("jean@Société.fr")
    'jean@xn--socit-esab.fr'
    """
    local, at, domain = clean_line(text).rpartition("@")
    return f"{local}{at}{'.'.join(map(_ascii_label, domain.split('.')))}" if at else domain


def _ascii_label(label: str) -> str:
    label = unicodedata.normalize("NFKC", label).lower()
    # Not the codec “idna” of Python, which turns “ß” into “ss”: another domain.
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def explain_email(text: str) -> str:
    """Return in French why `text`, which is not a valid address, is none."""
    typed = clean_line(text)
    addresses = _ADDRESS.findall(typed)
    if len(addresses) > 1:
        return "Une seule adresse ici."
    if addresses and (re.search(r"[<>\"()\[\]]|mailto:", typed) or " " in typed):
        return f"L’adresse seule, sans nom ni signe autour{NBSP}: {addresses[0].removeprefix('mailto:')}."
    local, at, domain = typed.rpartition("@")
    if not at:
        return f"Cette adresse n’est pas complète{NBSP}: il manque l’arobase (@). Exemple{NBSP}: {EXAMPLE}."
    if not local or not domain:
        return f"Cette adresse n’est pas complète{NBSP}: il manque une partie. Exemple{NBSP}: {EXAMPLE}."
    return _explain_parts(local, domain)


def _explain_parts(local: str, domain: str) -> str:
    if "@" in local:
        return "Une adresse ne contient qu’une arobase (@)."
    if " " in f"{local}{domain}":
        return "Une adresse ne contient pas d’espace."
    if domain[-1] in ".,;:!":
        return f"Il y a un signe de trop à la fin de l’adresse{NBSP}: «{NBSP}{domain[-1]}{NBSP}»."
    if not local.isascii():
        plain = "".join(char for char in unicodedata.normalize("NFD", local) if not unicodedata.combining(char))
        advice = f"{NBSP}: est-ce {plain}@{domain}{NBSP}?" if plain.isascii() else "."
        return f"Une adresse n’a pas d’accent avant l’arobase{advice}"
    if "," in domain or ";" in domain:
        return "Il y a une virgule à la place d’un point après l’arobase."
    if ".." in f"{local}@{domain}" or local[0] == "." or local[-1] == "." or domain[0] == ".":
        return "Il y a un point de trop dans cette adresse."
    if "." not in domain:
        return f"Cette adresse n’est pas complète{NBSP}: il manque la fin, comme «{NBSP}.fr{NBSP}»."
    return f"Cette adresse n’est pas valable. Exemple{NBSP}: {EXAMPLE}."
