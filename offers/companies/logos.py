"""A picture that somebody sends becomes a logo: looked at before it is decoded, made small, written anew.

What is stored is our own file: no metadata, no second frame, nothing that was hidden behind the picture. Its name is a
digest of what it shows, so that browsers may keep it for ever.
"""

import io
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 1_000_000
# Decoded, a picture takes four bytes a pixel: 32 MB at most.
MAX_PIXELS = 8_000_000
MIN_SIDE = 32
# Shown at 96 CSS pixels at most, on screens of up to three pixels each.
SIDE = 288


def make_logo(file) -> ContentFile:
    """The logo that the uploaded `file` shows. Raises ValidationError, in words for whoever sent it."""
    if file.size > MAX_BYTES:
        raise ValidationError("Ce fichier est trop lourd\u00a0: 1\u00a0Mo au plus.", code="bytes")
    try:
        # Reads the header only, and of these formats only: an SVG, which may carry scripts, is none of them.
        image = Image.open(file, formats=FORMATS)
    except Exception as error:
        if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
            raise _too_large() from None
        raise ValidationError("Ce n’est pas une image PNG, JPEG ou WebP.", code="format") from None
    if image.width * image.height > MAX_PIXELS:
        raise _too_large()
    if min(image.size) < MIN_SIDE:
        raise ValidationError(f"Cette image est trop petite\u00a0: {MIN_SIDE} pixels de côté au moins.", code="small")
    try:
        small = _small(image)
    except Exception:  # whatever a decoder says of a broken file
        raise ValidationError("Cette image est abîmée\u00a0: elle ne peut pas être lue.", code="broken") from None
    out = io.BytesIO()
    small.save(out, "WEBP", quality=90, method=4, exact=False)
    return ContentFile(out.getvalue(), name=f"{sha256(out.getvalue()).hexdigest()[:32]}.webp")


def _small(image: Image.Image) -> Image.Image:
    # A JPEG is decoded at about the size that is wanted.
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    image = ImageOps.exif_transpose(image)
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    image = image.convert("RGBA" if has_alpha else "RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    # Pixels alone: what else came with the file stays behind.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _too_large() -> ValidationError:
    return ValidationError("Cette image a trop de pixels\u00a0: 2\u202f800 de côté suffisent largement.", code="pixels")
