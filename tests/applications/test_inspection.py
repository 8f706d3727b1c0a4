"""The verdict on a PDF and the copy for recruiters: what opens in Chrome is accepted, and the copy does not act."""

import base64
import io
import sys

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream

from offers.applications import inspection
from offers.applications.inspection import VERDICTS, InspectionFailed, examine, inspect
from tests.applications.pdfs import (
    FILES,
    active_entries,
    add_annotation,
    inflating,
    make_pdf,
    protect,
    update_incrementally,
    with_action,
    with_attachment,
    with_contents,
    with_launch,
    with_link,
    with_script,
)

OBJECT_STREAMS = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
UNC = r"\\evil.example\share\cv.pdf"


def chrome_pages(data: bytes) -> int:
    """Return the count of pages that Chrome's PDF engine shows, 0 if it does not open the file."""
    try:
        document = pypdfium2.PdfDocument(data)
        for page in document:
            page.render(scale=0.1)
        return len(document)
    except pypdfium2.PdfiumError:
        return 0


def damage(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def move_startxref(data: bytes, by: int) -> bytes:
    head, _, tail = data.rpartition(b"startxref\n")
    offset, rest = tail.split(b"\n", 1)
    return b"%bstartxref\n%d\n%b" % (head, int(offset) + by, rest)


MACBINARY = b"\x00\x06CV.pdf".ljust(128, b"\0")
READABLE = {
    **{path.stem: path.read_bytes for path in sorted(FILES.glob("*.pdf"))},
    "macbinary": lambda: MACBINARY + make_pdf(),
    "crlf before the header": lambda: b"\r\n\r\n" + make_pdf(),
    "utf-16 BOM": lambda: b"\xff\xfe" + make_pdf(),
    "mail headers before the header": lambda: b"Content-Type: application/pdf\r\n\r\n" + make_pdf(),
    "zeros after the end": lambda: make_pdf() + b"\0" * 3_000,
    "web page after the end": lambda: make_pdf() + b"<html>" + b" " * 3_000 + b"</html>",
    "startxref beyond the end": lambda: move_startxref(make_pdf(pages=3), 90_000),
    "startxref of an object": lambda: move_startxref(make_pdf(pages=3, **OBJECT_STREAMS), -40),
    "carriage returns": lambda: damage(make_pdf(), b"\n", b"\r"),
    # qpdf takes the end of the file for lost.
    "no size in the trailer": lambda: damage(make_pdf(3), b"/Size", b"/Sise"),
    "PDF 2.0": lambda: make_pdf(min_version="2.0"),
    "linearized": lambda: make_pdf(pages=3, linearize=True),
    "linearized, wrong length": lambda: damage(make_pdf(pages=3, linearize=True), b"/L ", b"/L 1"),
    "owner password, RC4 40": lambda: make_pdf(**protect(R=2, aes=False, metadata=False)),
    "owner password, RC4 128": lambda: make_pdf(**protect(R=3, aes=False, metadata=False)),
    "owner password, AES 128": lambda: make_pdf(**protect(R=4)),
    "owner password, AES 256": lambda: make_pdf(**protect(R=6)),
    "owner password, wrong offsets": lambda: move_startxref(make_pdf(**protect(R=6)), 7),
}


@pytest.mark.parametrize("name", READABLE)
def test_cv_that_opens_in_chrome_is_accepted_and_its_copy_is_whole(name):
    data = READABLE[name]()
    pages = chrome_pages(data)
    assert pages
    verdict, copy = inspect(data)
    assert verdict == ("cleaned" if name.startswith("34") else "safe")
    assert copy.startswith(b"%PDF-")
    assert chrome_pages(copy) == pages
    with pikepdf.open(io.BytesIO(copy), attempt_recovery=False) as pdf:
        assert not pdf.is_encrypted
        assert pdf.get_warnings() == []


def test_scripts_of_a_form_are_removed_and_its_values_stay():
    verdict, copy = inspect((FILES / "34-acroform-format-js.pdf").read_bytes())
    assert verdict == "cleaned"
    assert active_entries(copy) == []
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert (str(field.T), str(field.V), "/AP" in field) == ("nom", "Camille", True)


def with_names(pdf):
    """Use the names of actions where they mean something else."""
    root, page = pdf.Root, pdf.pages[0]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    styles = {f"/{name}": Name.P for name in ("JavaScript", "Launch", "GoToR", "URI")}
    items = [
        pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(name), K=0, A=Dictionary(O=Name.Layout)))
        for name in styles
    ]
    root.StructTreeRoot = Dictionary(
        Type=Name.StructTreeRoot, K=Array(items), RoleMap=Dictionary(styles), ClassMap=Dictionary(A=Dictionary())
    )
    names = ("AA", "A", "JS", "JavaScript", "OpenAction", "XFA", "EF", "RichMedia", "Next", "PA")
    page.Resources = Dictionary(
        Font=Dictionary({f"/{name}": font for name in names}),
        ExtGState=Dictionary({f"/{name}": Dictionary(Type=Name.ExtGState, CA=1) for name in names}),
        Properties=Dictionary(A=Dictionary(Type=Name.OCG, Name="A")),
    )
    page.Group = Dictionary(S=Name.Transparency, Type=Name.Group)
    pdf.docinfo["/JS"] = "Node.js"


def with_outline(pdf):
    first, second = (
        pdf.make_indirect(Dictionary(Title=title, A=Dictionary(S=Name.GoTo, D=[pdf.pages[0].obj, Name.Fit])))
        for title in ("Formation", "Expérience")
    )
    first.Next, second.Prev = second, first
    pdf.Root.Outlines = Dictionary(First=first, Last=second, Count=2)


HARMLESS = {
    "names": with_names,
    "outline": with_outline,
    "https": with_link("https://www.linkedin.com/in/camille/"),
    "www": with_link("www.example.org"),
    "mailto": with_link("mailto:camille@example.org?subject=Votre offre"),
    "tel": with_link("tel:+33 6 12 34 56 78"),
    "UTF-16": with_link("https://exemple.fr/é"),
    "GoTo": with_action("GoTo", D="page1"),
    "opens at a destination": lambda pdf: pdf.Root.__setattr__("OpenAction", Array([pdf.pages[0].obj, Name.Fit])),
    "opens at a page": lambda pdf: pdf.Root.__setattr__(
        "OpenAction", Dictionary(S=Name.GoTo, D=[pdf.pages[0].obj, Name.Fit])
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_entries_are_accepted(name):
    data = make_pdf(change=HARMLESS[name])
    verdict, copy = inspect(data)
    assert verdict == "safe"
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert len(pdf.pages[0].obj.get("/Annots", [])) == ("/Annots" in data.decode("latin-1"))
        if name == "names":
            assert set(pdf.pages[0].Resources.Font.keys()) >= {"/AA", "/A", "/JS", "/EF"}
        for link in pdf.pages[0].obj.get("/Annots", []):
            assert "/A" in link


def script(**entries):
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)", **entries)


def set_root(key, make):
    return lambda pdf: pdf.Root.__setitem__(key, make(pdf))


def on_page(pdf):
    pdf.pages[0].AA = Dictionary(O=pdf.make_indirect(script()))


def in_a_field(pdf):
    field = add_annotation(pdf, Subtype=Name.Widget, FT=Name.Tx, T="t", AA=Dictionary(K=script()))
    pdf.Root.AcroForm = Dictionary(Fields=[field], CO=[field])


def in_an_outline(pdf):
    item = pdf.make_indirect(Dictionary(Title="CV", A=script()))
    pdf.Root.Outlines = Dictionary(First=item, Last=item, Count=1)


def in_names(pdf):
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=["start", script()]))


def in_a_stream(pdf):
    # PDFium reads the dictionary of a stream in place of a dictionary.
    stream = Stream(pdf, b"")
    stream.S, stream.JS = Name.JavaScript, pikepdf.String("app.alert(1)")
    pdf.Root.OpenAction = stream


def with_media(subtype):
    return lambda pdf: add_annotation(pdf, Subtype=Name(f"/{subtype}"), Movie=Dictionary(F=UNC))


def with_external_stream(pdf):
    stream = Stream(pdf, b"")
    stream.F = Dictionary(Type=Name.Filespec, F=UNC)
    pdf.pages[0].Contents = stream


def with_external_attachment(pdf):
    add_annotation(pdf, Subtype=Name.FileAttachment, FS=Dictionary(Type=Name.Filespec, F=UNC))


ACTIVE = {
    "OpenAction": with_script,
    "OpenAction in an object stream": with_script,
    "OpenAction, GoToR": set_root("/OpenAction", lambda pdf: Dictionary(S=Name.GoToR, F=UNC, D=[0, Name.Fit])),
    "OpenAction, URI": set_root("/OpenAction", lambda pdf: Dictionary(S=Name.URI, URI="https://evil.example/")),
    "OpenAction, Named": set_root("/OpenAction", lambda pdf: Dictionary(S=Name.Named, N=Name.Print)),
    "OpenAction, GoTo then script": set_root(
        "/OpenAction", lambda pdf: Dictionary(S=Name.GoTo, D=[0, Name.Fit], Next=Array([script()]))
    ),
    "OpenAction, stream": in_a_stream,
    "OpenAction, string as type": set_root("/OpenAction", lambda pdf: Dictionary(S="JavaScript", JS="app.alert(1)")),
    "AA of the catalog": set_root("/AA", lambda pdf: Dictionary(WC=script())),
    "AA of a page": on_page,
    "AA of a field": in_a_field,
    "outline": in_an_outline,
    "names": in_names,
    "XFA": set_root("/AcroForm", lambda pdf: Dictionary(Fields=[], XFA=Stream(pdf, b"<xdp/>"))),
    "requirements": set_root("/Requirements", lambda pdf: Array([Dictionary(S=Name.EnableJavaScripts)])),
    "base URI": set_root("/URI", lambda pdf: Dictionary(Base="file://evil.example/")),
    "Launch": with_launch,
    "attributes of a structure": lambda pdf: add_annotation(pdf, Subtype=Name.Link, A=script(O=Name.Layout)),
    "Next": lambda pdf: add_annotation(
        pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="https://example.org", Next=script())
    ),
    "PA": lambda pdf: add_annotation(pdf, Subtype=Name.Link, PA=Dictionary(S=Name.URI, URI=UNC)),
    **{
        f"link, {kind}": with_action(kind, **entries)
        for kind, entries in {
            "GoToR": {"F": UNC, "D": Array([0, Name.Fit])},
            "GoToE": {"F": UNC, "D": "x"},
            "SubmitForm": {"F": "https://evil.example/"},
            "ImportData": {"F": UNC},
            "Named": {"N": Name.Print},
            "Rendition": {"OP": 0},
            "RichMediaExecute": {"CMD": Dictionary(C="play")},
            "Thread": {"F": UNC, "D": 0},
            "Hide": {"T": "nom"},
            "Unknown": {},
        }.items()
    },
    **{
        f"URI {target[:24]!r}": with_link(target)
        for target in (
            UNC,
            "file:///etc/passwd",
            " FILE://evil.example/x",
            "javascript:app.alert(1)",
            "smb://evil.example/x",
            "//evil.example/x",
            "ms-msdt:/id",
            "search-ms:query=x",
            r"https:\\evil.example\x",
            "https://evil.example\\@www.linkedin.com/",
            "java\tscript:alert(1)",
            "cv.exe",
            "\ufefffile://evil.example",
        )
    },
    **{subtype: with_media(subtype) for subtype in ("Screen", "Movie", "Sound", "RichMedia", "3D")},
    "external stream": with_external_stream,
    "external attachment": with_external_attachment,
}


@pytest.mark.parametrize("name", ACTIVE)
def test_actions_are_removed_from_the_copy(name):
    options = OBJECT_STREAMS if "object stream" in name else {}
    verdict, copy = inspect(make_pdf(change=ACTIVE[name], **options))
    assert verdict == "cleaned"
    assert active_entries(copy) == []
    assert chrome_pages(copy) == 1
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert not {"/OpenAction", "/AA", "/Requirements", "/URI"} & set(pdf.Root.keys())


def test_action_hidden_in_an_incremental_update_is_removed():
    plain = make_pdf()
    catalog = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
    data = update_incrementally(plain, 1, catalog)
    assert chrome_pages(data) == 1
    verdict, copy = inspect(data)
    assert verdict == "cleaned"
    assert active_entries(copy) == []


def test_earlier_revisions_are_not_in_the_copy():
    data = update_incrementally(make_pdf(change=with_script), 1, b"<< /Type /Catalog /Pages 2 0 R >>")
    verdict, copy = inspect(data)
    assert verdict == "safe"
    assert b"app.alert" in data
    assert b"app.alert" not in copy


def test_attachments_are_reported_and_actions_beside_them_removed():
    def change(pdf):
        with_attachment(pdf)
        with_script(pdf)
        pdf.Root.Collection = Dictionary(D="profil.xml")

    verdict, copy = inspect(make_pdf(change=change))
    assert verdict == "attached"
    assert active_entries(copy) == []
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert list(pdf.attachments) == ["profil.xml"]
        assert "/Collection" not in pdf.Root


REFUSED = {
    "password": ("encrypted", lambda: make_pdf(**protect("secret"))),
    "61 pages": ("long", lambda: make_pdf(pages=61)),
    "no page": ("empty", lambda: make_pdf(pages=0)),
    "cut before the trailer": ("damaged", lambda: make_pdf(pages=30)[:1500]),
    "cut in the trailer": ("damaged", lambda: make_pdf()[:-60]),
    "cut, end marker added": ("damaged", lambda: make_pdf(pages=20)[:400] + b"\n%%EOF\n"),
    "cut, object streams": ("damaged", lambda: make_pdf(30, **OBJECT_STREAMS)[:-40]),
    "web page": ("damaged", lambda: b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF"),
    "dynamic form": ("dynamic", lambda: make_pdf(change=set_root("/NeedsRendering", lambda pdf: True))),
    "1 GB": ("heavy", lambda: with_contents(inflating(1_000_000_000), "FlateDecode")),
    "1 GB, compressed twice": (
        "heavy",
        lambda: with_contents(inflating(1_000_000_000, 2), "FlateDecode", "FlateDecode"),
    ),
    "1 GB, ASCII 85": (
        "heavy",
        lambda: with_contents(base64.a85encode(inflating(1_000_000_000)) + b"~>", "ASCII85Decode", "FlateDecode"),
    ),
    "image of 10 gigapixels": (
        "heavy",
        lambda: make_pdf(
            change=lambda pdf: pdf.Root.__setitem__(
                "/X", Stream(pdf, b"x", Subtype=Name.Image, Width=100_000, Height=100_000, Filter=Name.JBIG2Decode)
            )
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_cannot_be_cleaned_are_refused(name):
    verdict, make = REFUSED[name]
    assert inspect(make()) == (verdict, b"")
    assert VERDICTS[verdict].advice


def test_image_scanned_at_600_dpi_is_accepted():
    assert inspect(with_contents(inflating(110_000_000), "FlateDecode")).verdict == "safe"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("import resource, os; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "heavy"),
        ("import os; os.abort()", "heavy"),
        ("import sys\nwhile True: sys.stdout.buffer.write(bytes(1_000_000))", "heavy"),
        ("import time; time.sleep(60)", None),
        ("import os; os.kill(os.getpid(), 9)", None),
        ("raise SystemExit(3)", None),
        ("print('unknown')", None),
    ],
)
def test_only_the_file_is_a_reason_to_refuse_it(monkeypatch, tmp_path, code, verdict):
    """Limits and crashes refuse the file; a kill, a timeout or an error of the host is a check to repeat."""
    monkeypatch.setattr(inspection, "INSPECTOR", tmp_path / "inspector.py")
    inspection.INSPECTOR.write_text(code)
    if verdict:
        assert inspect(b"").verdict == verdict
    else:
        with pytest.raises(InspectionFailed):
            inspect(b"", seconds=3)


def test_antivirus_runs_before_the_parser(settings):
    settings.CV_ANTIVIRUS_COMMAND = f'{sys.executable} -c "raise SystemExit(1)"'
    assert examine(b"no PDF") == ("infected", b"")
