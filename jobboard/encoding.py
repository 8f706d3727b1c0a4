"""Requests contain UTF-8 only. Django decodes with `errors="replace"`, so that invalid bytes are stored as U+FFFD."""

import codecs
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.multipartparser import MAX_TOTAL_HEADER_SIZE
from django.utils.http import parse_header_parameters

# The name of a codec that raises UnicodeDecodeError whatever the error handler.
STRICT_UTF8 = "utf_8_strict"


def _find_strict_utf8(name: str) -> codecs.CodecInfo | None:
    if name != STRICT_UTF8:
        return None
    return codecs.CodecInfo(codecs.utf_8_encode, _decode_strictly, name=name)


def _decode_strictly(data, errors: str = "strict") -> tuple[str, int]:
    return codecs.utf_8_decode(data, "strict", True)


codecs.register(_find_strict_utf8)


class Utf8Request(WSGIRequest):
    """A request that ignores the charset of its Content-Type, which CharacterMiddleware checks.

    Django decodes the query string with it in the constructor, where an exception gives the error page of gunicorn.
    """

    def _set_content_type_params(self, meta):
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            self.content_type, self.content_params = "", {"charset": "invalid"}


class Utf8Handler(WSGIHandler):
    request_class = Utf8Request


def is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        return False


def decode_percent_encoded(data: bytes) -> str:
    """Return percent-encoded bytes as text. Raise UnicodeDecodeError if they are not UTF-8."""
    return unquote_to_bytes(data).decode()


class PartHeaderStream:
    """Read a multipart body and raise UnicodeDecodeError for headers of parts that are not UTF-8.

    Django ignores such parts with the fields and files in them.
    """

    def __init__(self, stream, boundary: str):
        self._stream, self._delimiter = stream, b"--" + boundary.encode()
        self._pending = b""

    def read(self, *args):
        chunk = self._stream.read(*args)
        self._check(chunk)
        return chunk

    def readline(self, *args):
        # Used only to discard the rest of the body.
        return self._stream.readline(*args)

    def close(self):
        self._stream.close()

    def _check(self, chunk: bytes):
        self._pending += chunk
        while (start := self._pending.find(self._delimiter)) >= 0:
            end = self._pending.find(b"\r\n\r\n", start)
            if end < 0:
                self._pending = self._pending[start : start + MAX_TOTAL_HEADER_SIZE]
                return
            headers = self._pending[start:end]
            headers.decode()
            if b"*=" in headers:
                # A percent-encoded name of RFC 2231, which browsers do not send.
                decode_percent_encoded(headers)
            self._pending = self._pending[end:]
        self._pending = self._pending[-len(self._delimiter) :]
