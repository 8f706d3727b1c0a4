"""Create valid, damaged and dangerous PDF files."""

import io

import pikepdf


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


def with_script(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_launch(pdf):
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
    # In an annotation of a page: not in the document catalog, unlike the script above.
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    pdf.pages[0].Annots = pikepdf.Array([link])


def with_attachment(pdf):
    pdf.attachments["profil.xml"] = b"<xml/>"
