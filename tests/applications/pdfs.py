"""Create valid, damaged and dangerous PDF files."""

import io
import zlib
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

FILES = Path(__file__).with_name("files")


def make_pdf(pages=1, change=None, **options) -> bytes:
    """Return a PDF of empty pages; `change(pdf)` is called before it is saved with `options`."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    if change:
        change(pdf)
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def protect(user="", **options) -> dict:
    """Return the option of `make_pdf` that encrypts the file."""
    return {"encryption": pikepdf.Encryption(user=user, owner="secret", **options)}


def with_script(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def with_launch(pdf):
    # In an annotation of a page: not in the document catalog, unlike the script above.
    add_annotation(pdf, Subtype=Name.Link, A=Dictionary(S=Name.Launch, F="cmd.exe"))


def with_attachment(pdf):
    pdf.attachments["profil.xml"] = b"<xml/>"


def add_annotation(pdf, **entries):
    annotation = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries))
    page = pdf.pages[0]
    page.Annots = Array([*page.obj.get("/Annots", []), annotation])
    return annotation


def with_link(target):
    """Return a change that adds a link to a URI."""
    return lambda pdf: add_annotation(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=target))


def with_action(kind, **entries):
    """Return a change that adds a link with an action of this kind."""
    return lambda pdf: add_annotation(pdf, Subtype=Name.Link, A=Dictionary(S=Name(f"/{kind}"), **entries))


def with_contents(data, *filters):
    """Return a PDF whose page has these contents, already encoded by the filters."""

    def change(pdf):
        stream = Stream(pdf, b"")
        stream.write(data, filter=Array([Name(f"/{name}") for name in filters]))
        pdf.pages[0].Contents = stream

    return make_pdf(change=change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def inflating(size: int, times=1) -> bytes:
    """Return a Flate stream of so many zero bytes, compressed again `times` - 1 times."""
    compressor = zlib.compressobj(9)
    block = bytes(10_000_000)
    data = b"".join(compressor.compress(block) for _ in range(size // len(block))) + compressor.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def update_incrementally(data: bytes, number: int, body: bytes) -> bytes:
    """Append a revision that replaces one object, as a PDF editor does when it saves quickly."""
    previous = data.rindex(b"startxref") + len(b"startxref\n")
    previous = data[previous:].split()[0]
    at = len(data)
    data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    return data + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer << /Size 20 /Root 1 0 R /Prev %b >>\nstartxref\n%d\n%%%%EOF\n"
        % (number, at, previous, len(data))
    )


def active_entries(data: bytes) -> list[str]:
    """Return where a PDF still acts, by a search of its own: the types of actions, scripts and media in its objects."""
    types = {"JavaScript", "Launch", "GoToR", "GoToE", "SubmitForm", "ImportData", "Named", "Rendition", "Thread"}
    types |= {"Movie", "Sound", "RichMedia", "RichMediaExecute", "Screen", "3D", "Hide", "ResetForm", "GoTo3DView"}
    found = []
    with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
        for number, node in enumerate(pdf.objects):
            text = node.unparse(resolved=True).decode("latin-1") if isinstance(node, pikepdf.Object) else ""
            names = {part.strip("<>[]() ") for part in text.replace("/", " /").split()}
            found += [f"{number}: {name}" for name in names if name[:1] == "/" and name[1:] in types]
            found += [f"{number}: {word}" for word in ("file:", "\\\\", "javascript:") if word in text]
    return found
