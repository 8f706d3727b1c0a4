"""Look into a PDF from standard input and write one word on it. Run by itself, in a process that may be lost.

Nothing of the site is imported, and nothing can be: whatever the file does to the parser happens in a process without
secrets, with little memory, little time and no right to write.
"""

import io
import resource
import sys

import pikepdf

MEMORY = 1024**3
SECONDS = 10
MOST_PAGES = 60

# What runs, opens or sends something by itself.
ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie"}
ACTIVE = {"/JS", "/JavaScript", "/RichMediaContent", "/XFA"}
ATTACHED = {"/EmbeddedFile", "/EmbeddedFiles", "/EF"}


def look(data: bytes) -> str:
    try:
        # No repair: what is cut off somewhere is better sent again than guessed at.
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            if not len(pdf.pages):
                return "empty"
            if len(pdf.pages) > MOST_PAGES:
                return "long"
            return _contents(pdf)
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        return "damaged"
    except (MemoryError, RecursionError):
        return "heavy"


def _contents(pdf) -> str:
    attached = False
    for root in pdf.objects:
        waiting = [root]
        while waiting:
            value = waiting.pop()
            if isinstance(value, pikepdf.Array):
                waiting += _own(value)
            elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                keys = set(value.keys())
                names = {
                    str(value[key]) for key in ("/S", "/Type") if key in keys and isinstance(value[key], pikepdf.Name)
                }
                if keys & ACTIVE or names & ACTIONS:
                    return "active"
                attached = attached or bool((keys | names) & ATTACHED)
                waiting += _own(value[key] for key in keys)
    return "attached" if attached else "safe"


def _own(values):
    """Those that stand here; the others are objects of their own, and have their turn."""
    return [value for value in values if isinstance(value, pikepdf.Object) and not value.is_indirect]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(look(sys.stdin.buffer.read()))
