"""Read a PDF from standard input; print its verdict, a key of `cv.VERDICTS`, and a copy without actions.

The output is one line with the verdict, then the bytes of the copy, which is empty for a refused file. The copy is
written from the objects that the document refers to, and every reader finds the same ones in it: it has no damaged
offsets, no bytes around the document, no earlier revisions and no owner password.

Run as a separate process. Import nothing from the site: a file that exploits the parser must find a process without
secrets, with 1 GiB of memory, 5 s of CPU time and no permission to write files.
"""

import io
import re
import resource
import sys
import zlib
from math import prod
from pathlib import Path

import pikepdf

MEMORY_BYTES = 1024**3
CPU_SECONDS = 5
MAX_PAGES = 60
MAX_OBJECTS = 50_000
# All streams inflated: more than two pages scanned at 600 dpi, far less than a decompression bomb.
MAX_INFLATED_BYTES = 300_000_000
MAX_IMAGE_PIXELS = 200_000_000
MAX_COPY_BYTES = 15_000_000

# The keys under which ISO 32000-2 places actions, and dictionaries of actions.
ACTION_KEYS = {"/OpenAction", "/A", "/PA", "/NA", "/Next"}
TRIGGER_KEY = "/AA"
# The catalog’s name trees and entries that run scripts, load content or change the meaning of links.
ACTIVE_NAMES = ("/JavaScript", "/AlternatePresentations", "/Renditions")
ACTIVE_CATALOG_KEYS = ("/Requirements", "/URI")
# Entries that mean nothing in the copy: signed usage rights, and the portfolio that opens an attachment by itself.
STALE_CATALOG_KEYS = ("/Perms", "/Collection")
MEDIA_ANNOTATIONS = {"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D"}
# Entries of streams that name other files, on this computer or on the network.
EXTERNAL_STREAM_KEYS = ("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI")
FLATE = {"/FlateDecode", "/Fl"}
# The highest ratio of decoded to encoded bytes of a filter; the codecs of images are bounded by their pixels.
MAX_GROWTH = {"/FlateDecode": 1032, "/Fl": 1032, "/LZWDecode": 1400, "/LZW": 1400, "/RunLengthDecode": 64, "/RL": 64}
LINK = re.compile(r"(https?://|mailto:|tel:|www\.)[^\\\x00-\x1f]*", re.IGNORECASE)


class Refused(Exception):
    """The document is refused; the message is the verdict."""


def inspect(data: bytes) -> tuple[str, bytes]:
    try:
        with _open(data) as pdf:
            return _inspect(pdf)
    except Refused as refused:
        return str(refused), b""
    except pikepdf.PasswordError:
        return "encrypted", b""
    # Before RuntimeError, of which RecursionError is a subclass.
    except (MemoryError, RecursionError):
        return "heavy", b""
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return "damaged", b""


def _open(data: bytes) -> pikepdf.Pdf:
    """Open a document that is damaged but readable, by qpdf or else by PDFium, the PDF engine of Chrome."""
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError:
        pdf = None
    # Without a trailer (Size is required) the end of the file is missing: qpdf goes on with the pages before it.
    complete = pdf is not None and "/Size" in pdf.trailer
    if complete and len(pdf.pages):
        return pdf
    try:
        return pikepdf.open(io.BytesIO(_resave(data)))
    except Refused:
        if complete:
            return pdf
        raise


def _resave(data: bytes) -> bytes:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        out = io.BytesIO()
        document.save(out)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in {
            pypdfium2.raw.FPDF_ERR_PASSWORD,
            pypdfium2.raw.FPDF_ERR_SECURITY,
        }
        raise Refused("encrypted" if locked else "damaged") from error
    return out.getvalue()


def _inspect(pdf: pikepdf.Pdf) -> tuple[str, bytes]:
    # In the directory of this script, which is not in the path of an isolated process at the start.
    import drawing_cost

    if not len(pdf.pages):
        raise Refused("empty")
    if len(pdf.pages) > MAX_PAGES:
        raise Refused("long")
    if len(pdf.objects) > MAX_OBJECTS:
        raise Refused("heavy")
    if pdf.Root.get("/NeedsRendering") is True:
        raise Refused("dynamic")
    removed = remove_actions(pdf, list(dictionaries(pdf)))
    copy = io.BytesIO()
    pdf.save(copy, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    if copy.tell() > MAX_COPY_BYTES:
        raise Refused("heavy")
    # Check what the recruiter will open.
    copy.seek(0)
    with pikepdf.open(copy, attempt_recovery=False) as written:
        nodes = list(dictionaries(written))
        if remove_actions(written, nodes):
            raise Refused("active")
        if inflates_without_bound(nodes):
            raise Refused("heavy")
        if drawing_cost.is_too_high(written):
            raise Refused("heavy")
        attached = any(is_embedded_file(node.get("/EF")) for node in nodes)
    return ("attached" if attached else "cleaned" if removed else "safe"), copy.getvalue()


def dictionaries(pdf):
    """Yield the dictionaries and streams of a document, direct ones included."""
    for root in pdf.objects:
        stack = [root]
        while stack:
            value = stack.pop()
            if isinstance(value, pikepdf.Array):
                stack += _direct_objects(value)
            elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                yield value
                stack += _direct_objects(value.get(key) for key in list(value.keys()))


def _direct_objects(values):
    """Return the direct objects: `pdf.objects` lists the indirect ones."""
    return [value for value in values if isinstance(value, pikepdf.Object) and not value.is_indirect]


def remove_actions(pdf, nodes: list) -> bool:
    """Remove the actions, scripts and media of a document with these dictionaries; return whether there were any.

    Links to pages of the document, to web pages, e-mail addresses and telephones stay. Actions are found by their
    position: a font, style or graphics state may have any name.
    """
    removed = _remove_from_catalog(pdf.Root)
    for node in nodes:
        keys = set(node.keys())
        for key in keys & ACTION_KEYS:
            removed |= _remove_action(node, key)
        if TRIGGER_KEY in keys and _has_actions(node[TRIGGER_KEY]):
            del node[TRIGGER_KEY]
            removed = True
        if "/Annots" in keys:
            removed |= _remove_media(node)
        if isinstance(node, pikepdf.Stream):
            for key in keys.intersection(EXTERNAL_STREAM_KEYS):
                del node[key]
                removed = True
    return removed


def _remove_from_catalog(catalog) -> bool:
    removed = False
    for owner, keys in (
        (catalog, ACTIVE_CATALOG_KEYS),
        (catalog.get("/Names"), ACTIVE_NAMES),
        (catalog.get("/AcroForm"), ("/XFA",)),
    ):
        for key in keys:
            if _is_node(owner) and key in owner:
                del owner[key]
                removed = True
    for key in STALE_CATALOG_KEYS:
        if key in catalog:
            del catalog[key]
    return removed


def _remove_action(node, key: str) -> bool:
    """Remove the entry if it is an action other than a link; return whether it was one that acts."""
    value = node[key]
    if key == "/Next":
        # The actions that follow an action; elsewhere the entry is the next item of an outline.
        if not is_action(node):
            return False
    elif not is_action(value) or (is_link(value) and key != "/OpenAction"):
        return False
    del node[key]
    # A document that opens at one of its pages does nothing else.
    return not (key == "/OpenAction" and value.get("/S") == "/GoTo" and "/Next" not in value)


def is_action(value) -> bool:
    """Return whether a value at the position of an action is one: destinations and attributes have no type S."""
    # PDFium accepts a string as the type.
    return _is_node(value) and isinstance(value.get("/S"), pikepdf.Name | pikepdf.String)


def is_link(action) -> bool:
    """Return whether an action opens a page of the document, a web page, an e-mail address or a telephone."""
    if action["/S"] == "/GoTo":
        return True
    target = action.get("/URI")
    return (
        action["/S"] == "/URI"
        and isinstance(target, pikepdf.String)
        and LINK.fullmatch(str(target).strip()) is not None
    )


def _has_actions(triggers) -> bool:
    return _is_node(triggers) and any(is_action(triggers.get(key)) for key in list(triggers.keys()))


def _is_node(value) -> bool:
    # PDFium reads the dictionary of a stream in place of a dictionary.
    return isinstance(value, pikepdf.Dictionary | pikepdf.Stream)


def _remove_media(page) -> bool:
    annotations = page["/Annots"]
    if not isinstance(annotations, pikepdf.Array):
        return False
    kept = [annotation for annotation in annotations if not _is_media(annotation)]
    if len(kept) == len(annotations):
        return False
    page["/Annots"] = pikepdf.Array(kept)
    return True


def _is_media(annotation) -> bool:
    """Return whether an annotation plays media, or opens a file that is not in the document."""
    if not _is_node(annotation):
        return False
    if annotation.get("/Subtype") == "/FileAttachment":
        file = annotation.get("/FS")
        return not (_is_node(file) and is_embedded_file(file.get("/EF")))
    return str(annotation.get("/Subtype")) in MEDIA_ANNOTATIONS


def is_embedded_file(value) -> bool:
    """Return whether the value is the entry EF of a file specification: streams by platform."""
    return _is_node(value) and any(
        isinstance(value.get(key), pikepdf.Stream) for key in ("/F", "/UF", "/DOS", "/Mac", "/Unix")
    )


def inflates_without_bound(nodes) -> bool:
    """Return whether the streams take too much memory when a reader decodes them."""
    total = 0
    for node in nodes:
        if not isinstance(node, pikepdf.Stream):
            continue
        width, height = node.get("/Width"), node.get("/Height")
        if isinstance(width, int) and isinstance(height, int) and width * height > MAX_IMAGE_PIXELS:
            return True
        for size in _inflated_sizes(node):
            total += size
            if total > MAX_INFLATED_BYTES:
                return True
    return False


def _inflated_sizes(stream):
    """Yield the sizes of the parts of a stream, decoded up to the first codec of images."""
    filters = stream.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    parts = iter([stream.read_raw_bytes()])
    for position, name in enumerate(names):
        if name not in FLATE:
            # qpdf decodes the other filters when it writes the copy, except before a codec or in damaged streams.
            growth = prod(MAX_GROWTH.get(each, 1) for each in names[position:])
            yield from (len(part) * growth for part in parts)
            return
        parts = _inflate(parts)
    yield from map(len, parts)


def _inflate(parts):
    inflater = zlib.decompressobj()
    try:
        for part in parts:
            while part and not inflater.eof:
                yield inflater.decompress(part, 1_000_000)
                part = inflater.unconsumed_tail
    except zlib.error:
        return


if __name__ == "__main__":
    # Last: a module of the site must not replace one of the libraries.
    sys.path.append(str(Path(__file__).parent))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Beyond the first limit SIGXCPU, which the site tells from a kill for another reason.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_INFLATED_BYTES,
        run_length_max_memory=MAX_INFLATED_BYTES,
        png_max_memory=MAX_INFLATED_BYTES,
        tiff_max_memory=MAX_INFLATED_BYTES,
    )
    verdict, copy = inspect(sys.stdin.buffer.read())
    sys.stdout.buffer.write(verdict.encode() + b"\n" + copy)
