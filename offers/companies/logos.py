"""Convert uploaded images to logos: check them before decoding, resize, and re-encode as WebP.

Re-encoding drops metadata, further frames and data appended to the image. Each file has a random name, so that browsers
may cache it forever. A digest of the content would tell whether another company has uploaded the same logo.
"""

import io
from secrets import token_hex

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 1_000_000
# Limits decoded images to 32 MB, at four bytes per pixel.
MAX_PIXELS = 8_000_000
MIN_SIDE = 32
# Displayed at 96 CSS pixels at most, on screens with up to 3 device pixels per CSS pixel.
SIDE = 288


def make_logo(file) -> ContentFile:
    """Return the uploaded image as a square-bounded WebP file. Raises ValidationError with a French message."""
    if file.size > MAX_BYTES:
        raise ValidationError("Ce fichier est trop lourd\u00a0: 1\u00a0Mo au plus.", code="bytes")
    try:
        # Reads the header only. SVG is not accepted because it may contain scripts.
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
        small = _resize(image)
    except Exception:  # decoders raise various exceptions for broken files
        raise ValidationError("Cette image est abîmée\u00a0: elle ne peut pas être lue.", code="broken") from None
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=90, method=4, exact=False)
    return ContentFile(buffer.getvalue(), name=f"{token_hex(16)}.webp")


def _resize(image: Image.Image) -> Image.Image:
    # Decode a JPEG at about the target size.
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    image = ImageOps.exif_transpose(image)
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    image = image.convert("RGBA" if has_alpha else "RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    # Copy the pixels only, without metadata.
    pixels = Image.new(image.mode, image.size)
    pixels.paste(image)
    return pixels


def _too_large() -> ValidationError:
    return ValidationError("Cette image a trop de pixels\u00a0: 2\u202f800 de côté suffisent largement.", code="pixels")
