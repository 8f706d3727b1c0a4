"""Save a refused form with its files, and restore it for the browser that has its token.

The key of the encryption is derived from SECRET_KEY and the token: neither the database nor the token alone is enough.
"""

import json
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.crypto import salted_hmac

from jobboard.contact.models import RateLimitExceeded, Sender
from jobboard.network import client_network
from jobboard.resubmission.models import SavedForm

# The hidden input with the token, and the button that discards the copy.
TOKEN, DISCARD = "saisie", "abandonner"
# Bounds of the table: a copy has at most MAX_BODY_BYTES, and expires after an hour.
MAX_ROWS = 200
LIMIT_PER_HOUR = 30
_NONCE_BYTES = 12
# Not stored and not shown again: passwords, codes and passkeys, and what belongs to the first request.
_WITHHELD = re.compile(rf"passw|^code$|credential|^csrfmiddlewaretoken$|^{TOKEN}$", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """A form as it was submitted to `path`: pairs of names and values, and files by field."""

    path: str
    fields: list[tuple[str, str]]
    files: list[tuple[str, SimpleUploadedFile]] = field(default_factory=list)
    token: str = ""

    @property
    def long_values(self) -> list[str]:
        """Return the texts that people wrote, to show that they are there; tokens of hidden fields have no spaces."""
        return [value for _, value in self.fields if "\n" in value or (len(value) > 60 and " " in value)]


def submission_of(request) -> Submission:
    """Return the submitted form, with the files of an earlier copy that it refers to."""
    fields = [(name, value) for name, values in request.POST.lists() if not _WITHHELD.search(name) for value in values]
    files = [(name, file) for name, each in request.FILES.lists() for file in each]
    if not files and (earlier := load(request.POST.get(TOKEN, ""))):
        files = earlier.files
    return Submission(request.get_full_path(), fields, files)


def save(request, submission: Submission) -> str:
    """Store a copy and return its token, or an empty string if there are too many."""
    SavedForm.objects.expired().delete()
    if SavedForm.objects.count() >= MAX_ROWS:
        return ""
    try:
        Sender.objects.count_message(client_network(request), purpose="saved-form", limit=LIMIT_PER_HOUR)
    except RateLimitExceeded:
        return ""
    token, nonce = secrets.token_urlsafe(32), secrets.token_bytes(_NONCE_BYTES)
    payload = AESGCM(_cipher_key(token)).encrypt(nonce, _serialize(submission), None)
    SavedForm.objects.create(key=_row_key(token), payload=nonce + payload)
    return token


def load(token: str) -> Submission | None:
    """Return the copy with this token, or None if it has expired or never existed."""
    row = SavedForm.objects.current().filter(key=_row_key(token)).first() if token else None
    if row is None:
        return None
    payload = bytes(row.payload)
    try:
        content = AESGCM(_cipher_key(token)).decrypt(payload[:_NONCE_BYTES], payload[_NONCE_BYTES:], None)
    except InvalidTag:
        # SECRET_KEY has changed.
        return None
    return _deserialize(content, token)


def delete(token: str) -> None:
    SavedForm.objects.filter(key=_row_key(token)).delete()


def is_same_origin(request) -> bool:
    """Return whether the form is of this site: that of another one must not be offered for submission."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return not origin or urlsplit(origin).netloc == request.get_host()


def _serialize(submission: Submission) -> bytes:
    contents, files = [], []
    for name, file in submission.files:
        file.seek(0)
        contents.append(file.read())
        file.seek(0)
        files.append((name, file.name, file.content_type, len(contents[-1])))
    head = json.dumps({"path": submission.path, "fields": submission.fields, "files": files})
    return b"\0".join([head.encode(), b"".join(contents)])


def _deserialize(content: bytes, token: str) -> Submission:
    head, _, contents = content.partition(b"\0")
    values, files, start = json.loads(head), [], 0
    for name, filename, content_type, size in values["files"]:
        files.append((name, SimpleUploadedFile(filename, contents[start : start + size], content_type)))
        start += size
    return Submission(values["path"], [tuple(pair) for pair in values["fields"]], files, token)


def _row_key(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _cipher_key(token: str) -> bytes:
    return salted_hmac("jobboard.resubmission", token, algorithm="sha256").digest()
