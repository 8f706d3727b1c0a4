"""Read a PDF from standard input and print its verdict, a key of `cv.VERDICTS`. Run as a separate process.

Import nothing from the site: a file that exploits the parser must find a process without secrets, with 1 GiB of memory,
10 s of CPU time and no permission to write files.
"""

import io
import resource
import sys

import pikepdf

MEMORY_BYTES = 1024**3
CPU_SECONDS = 10
MAX_PAGES = 60

# Names of actions and scripts that a viewer may run without a click.
ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie"}
ACTIVE = {"/JS", "/JavaScript", "/RichMediaContent", "/XFA"}
ATTACHED = {"/EmbeddedFile", "/EmbeddedFiles", "/EF"}


def inspect(data: bytes) -> str:
    try:
        # No repair: the candidate had better send a truncated file again.
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            if not len(pdf.pages):
                return "empty"
            if len(pdf.pages) > MAX_PAGES:
                return "long"
            return _scan_objects(pdf)
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        return "damaged"
    except (MemoryError, RecursionError):
        return "heavy"


def _scan_objects(pdf) -> str:
    attached = False
    for root in pdf.objects:
        stack = [root]
        while stack:
            value = stack.pop()
            if isinstance(value, pikepdf.Array):
                stack += _direct_objects(value)
            elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                keys = set(value.keys())
                names = {
                    str(value[key]) for key in ("/S", "/Type") if key in keys and isinstance(value[key], pikepdf.Name)
                }
                if keys & ACTIVE or names & ACTIONS:
                    return "active"
                attached = attached or bool((keys | names) & ATTACHED)
                stack += _direct_objects(value[key] for key in keys)
    return "attached" if attached else "safe"


def _direct_objects(values):
    """Return the direct objects: `pdf.objects` lists the indirect ones."""
    return [value for value in values if isinstance(value, pikepdf.Object) and not value.is_indirect]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(inspect(sys.stdin.buffer.read()))
