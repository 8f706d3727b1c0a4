import qrcode


def qr_svg(text: str) -> str:
    """`text` as a QR code for a page: SVG of one path, without a style, which the security policy would refuse."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    size = len(rows)
    return (
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="Code QR pour l’application" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{path}" fill="#000"/></svg>'
    )
