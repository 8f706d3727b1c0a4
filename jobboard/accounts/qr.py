import qrcode
from django.template.loader import render_to_string


def qr_svg(text: str) -> str:
    """Render `text` as a QR code: an SVG element of one path."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return render_to_string("mfa/totp/_qr.html", {"path": path, "size": len(rows)})
