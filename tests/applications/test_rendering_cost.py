"""CVs that are small and take hours to show are refused; the same means in usual amounts are accepted."""

import pytest
from pikepdf import Array, Dictionary, Name, Stream

from offers.applications.inspection import inspect
from tests.applications.pdfs import make_pdf

LINE = b"0 0 m 100 100 l S\n"
BOX = [0, 0, 100, 100]


def make_form(pdf, content: bytes, forms: dict | None = None, **resources):
    """Return a form XObject that may draw the `forms`, by name."""
    stream = Stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=BOX)
    if forms:
        resources["XObject"] = Dictionary(forms)
    if resources:
        stream.Resources = Dictionary(**resources)
    return pdf.make_indirect(stream)


def draw(pdf, content: bytes, **resources):
    pdf.pages[0].Contents = Stream(pdf, content)
    pdf.pages[0].Resources = Dictionary(**resources)


def nested_forms(pdf, levels: int, times: int, leaf=LINE):
    """Return a form that draws a form so many times, which draws another, and so on."""
    form = make_form(pdf, leaf)
    for _ in range(levels):
        form = make_form(pdf, b"/F Do " * times, {"/F": form})
    return form


def exponential_forms(pdf):
    draw(pdf, b"/F Do", XObject=Dictionary(F=nested_forms(pdf, 50, 2)))


def deep_forms(pdf):
    """Forms within forms, more levels than the inspector follows."""
    draw(pdf, b"/F Do", XObject=Dictionary(F=nested_forms(pdf, 400, 1)))


def names_written_otherwise(pdf):
    """The name of a form may contain escapes, and a comment may precede the operator."""
    form = make_form(pdf, LINE)
    for _ in range(50):
        form = make_form(pdf, b"/#46 %/G\nDo/F\tDo", {"/F": form})
    draw(pdf, b"/F Do", XObject=Dictionary(F=form))


def forms_with_the_resources_of_the_page(pdf):
    """Forms without resources use those of the page."""
    forms = {"/F0": make_form(pdf, LINE)}
    for level in range(1, 50):
        forms[f"/F{level}"] = make_form(pdf, b"/F%d Do /F%d Do" % (level - 1, level - 1))
    draw(pdf, b"/F49 Do", XObject=Dictionary(forms))


def forms_in_long_content(pdf):
    """Content that is too long to be split into operators."""
    form = make_form(pdf, LINE)
    for _ in range(40):
        form = make_form(pdf, b"/F Do /F Do " + b"0 0 m 9 9 l S\n" * 150_000, {"/F": form})
    draw(pdf, b"/F Do", XObject=Dictionary(F=form))


def forms_in_an_annotation(pdf):
    look = nested_forms(pdf, 50, 2)
    annotation = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=BOX, AP=Dictionary(N=look))
    pdf.pages[0].Annots = Array([pdf.make_indirect(annotation)])


def forms_in_a_pattern(pdf):
    cell = nested_forms(pdf, 50, 2)
    draw(pdf, b"/Pattern cs /P scn 0 0 500 500 re f", Pattern=Dictionary(P=pattern(pdf, 50, cell)))


def forms_in_masks(pdf):
    form = make_form(pdf, LINE)
    for _ in range(50):
        state = Dictionary(SMask=Dictionary(S=Name.Alpha, G=form))
        form = make_form(pdf, b"/G gs 0 0 9 9 re f /G gs 9 9 9 9 re f", ExtGState=Dictionary(G=state))
    draw(pdf, b"/F Do", XObject=Dictionary(F=form))


def forms_in_glyphs(pdf):
    glyph = make_form(pdf, b"100 0 d0 /F Do", {"/F": nested_forms(pdf, 50, 2)})
    draw(pdf, b"BT /T 12 Tf (AAAA) Tj ET", Font=Dictionary(T=glyph_font(pdf, glyph)))


def form_that_draws_itself(pdf):
    form = make_form(pdf, b"/F Do /F Do")
    form.Resources = Dictionary(XObject=Dictionary(F=form))
    draw(pdf, b"/F Do", XObject=Dictionary(F=form))


def fine_pattern(pdf):
    """A page covered by tiles of a thousandth of a point."""
    draw(pdf, b"/Pattern cs /P scn 0 0 600 800 re f", Pattern=Dictionary(P=pattern(pdf, 0.001)))


def pattern_scaled_down(pdf):
    draw(
        pdf,
        b"/Pattern CS /P SCN 0 0 600 800 re S",
        Pattern=Dictionary(P=pattern(pdf, 10, Matrix=[1e-4, 0, 0, 1e-4, 0, 0])),
    )


def huge_page(pdf):
    pdf.pages[0].MediaBox = [0, 0, 1e7, 1e7]
    draw(pdf, b"/Pattern cs /P scn 0 0 9 9 re f", Pattern=Dictionary(P=pattern(pdf, 10)))


def image_repeated(pdf):
    image = Stream(pdf, bytes(10), Type=Name.XObject, Subtype=Name.Image, Width=8_000, Height=8_000, BitsPerComponent=1)
    image.ColorSpace = Name.DeviceGray
    draw(pdf, b"/I Do " * 10_000, XObject=Dictionary(I=pdf.make_indirect(image)))


def same_form_on_sixty_pages(pdf):
    form = nested_forms(pdf, 5, 20)
    for _ in range(59):
        pdf.add_blank_page()
    for page in pdf.pages:
        page.Contents, page.Resources = Stream(pdf, b"/F Do"), Dictionary(XObject=Dictionary(F=form))


def pattern(pdf, step: float, form=None, **entries):
    stream = Stream(
        pdf, b"/F Do" if form is not None else LINE, Type=Name.Pattern, PatternType=1, PaintType=1, BBox=BOX
    )
    stream.TilingType, stream.XStep, stream.YStep = 1, step, step
    stream.Resources = Dictionary(XObject=Dictionary(F=form)) if form is not None else Dictionary()
    for key, value in entries.items():
        stream[f"/{key}"] = Array(value)
    return pdf.make_indirect(stream)


def glyph_font(pdf, glyph):
    """Return a Type 3 font without resources of its own: its glyphs use those of the page, which contain the font."""
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=BOX, FontMatrix=[0.01, 0, 0, 0.01, 0, 0], FirstChar=65,
            LastChar=65, Widths=[100], Encoding=Dictionary(Differences=[65, Name.A]), CharProcs=Dictionary(A=glyph),
        )
    )  # fmt: skip


HOSTILE = [
    *(exponential_forms, deep_forms, names_written_otherwise, forms_with_the_resources_of_the_page),
    *(forms_in_long_content, forms_in_an_annotation, forms_in_a_pattern, forms_in_masks, forms_in_glyphs),
    *(form_that_draws_itself, fine_pattern, pattern_scaled_down, huge_page, image_repeated, same_form_on_sixty_pages),
]


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_small_cv_that_takes_hours_to_show_is_refused(change):
    data = make_pdf(change=change, compress_streams=True)
    assert len(data) < 200_000
    assert inspect(data) == ("heavy", b"")


def icons(pdf):
    """An icon drawn two hundred times, within a form within a form."""
    draw(pdf, b"/F Do", XObject=Dictionary(F=nested_forms(pdf, 2, 14, leaf=LINE * 50)))


def shared_resources(pdf):
    """Producers give all forms the resources of the page, in which each finds itself."""
    forms = {f"/F{index}": make_form(pdf, LINE) for index in range(20)}
    resources = pdf.make_indirect(Dictionary(XObject=Dictionary(forms)))
    for form in forms.values():
        form.Resources = resources
    pdf.pages[0].Resources = resources
    pdf.pages[0].Contents = Stream(pdf, b" ".join(b"/F%d Do" % index for index in range(20)))


def bitmap_font(pdf):
    """A font of bitmaps, as LaTeX writes them, in a page full of text."""
    glyph = pdf.make_indirect(Stream(pdf, b"100 0 0 0 100 100 d1 BI /W 8 /H 8 /IM true /BPC 1 ID 12345678 EI\n" * 2))
    text = b"BT /T 12 Tf " + b"(AAAAAAAAAAAAAAAAAAAA) Tj " * 500 + b"ET"
    draw(pdf, text, Font=Dictionary(T=glyph_font(pdf, glyph)))


def hatching(pdf):
    draw(pdf, b"/Pattern cs /P scn 0 0 600 800 re f " * 20, Pattern=Dictionary(P=pattern(pdf, 5)))


def vector_drawing(pdf):
    """Eight megabytes of lines, with a logo and a shadow."""
    state = Dictionary(SMask=Dictionary(S=Name.Luminosity, G=make_form(pdf, LINE)))
    content = b"/G gs /F Do " + LINE * 450_000
    draw(pdf, content, XObject=Dictionary(F=make_form(pdf, LINE)), ExtGState=Dictionary(G=state))


def scanned_pages(pdf):
    image = Stream(pdf, bytes(10), Type=Name.XObject, Subtype=Name.Image, Width=4_960, Height=7_016, BitsPerComponent=1)
    image.ColorSpace = Name.DeviceGray
    image = pdf.make_indirect(image)
    for _ in range(19):
        pdf.add_blank_page()
    for page in pdf.pages:
        page.Contents, page.Resources = Stream(pdf, b"/I Do"), Dictionary(XObject=Dictionary(I=image))


def odd_values(pdf):
    """Values of the wrong type, which readers skip."""
    page = pdf.pages[0].obj
    page.Annots = Array([1, Name.X, Dictionary(AP=Array([])), Dictionary(AP=Dictionary(N=Dictionary(On=3)))])
    odd = pattern(pdf, 0)
    odd.Matrix, odd.XStep = Array([Name.A]), Name.B
    font = Dictionary(Type=Name.Font, Subtype=Name.Type3, CharProcs=Array([]))
    draw(
        pdf,
        b"/P scn /P SCN scn /N Do (x) Do Do /G gs /T 1 Tf Tf 7 Do",
        Pattern=Dictionary(P=odd),
        XObject=Dictionary(N=5),
        ExtGState=Dictionary(G=Array([1])),
        Font=Dictionary(T=font, U=4),
    )


HARMLESS = [icons, shared_resources, bitmap_font, hatching, vector_drawing, scanned_pages, odd_values]


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__)
def test_forms_patterns_and_images_in_usual_amounts_are_accepted(change):
    assert inspect(make_pdf(change=change)).verdict == "safe"
