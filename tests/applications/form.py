"""Fill in the application form, and list the files that it has stored."""

import re

from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.applications.pdfs import make_pdf

PDF = make_pdf()


def form_url(offer, name="apply") -> str:
    return reverse(f"applications:{name}", args=[offer.pk, offer.slug])


def cv_file(name="CV Anne.pdf", content=PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def form_data(page, **values) -> dict:
    """Return the hidden fields of the form on `page`, with valid values for the others."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    hidden.pop("csrfmiddlewaretoken")
    values = {"name": "Anne Lefèvre", "email": "anne@example.org", "message": "Bonjour\r\nà vous.", **values}
    return {**hidden, **values}


def private_files() -> list[str]:
    """Return the names of all stored CVs."""
    storage, names = storages["private"], []
    try:
        for folder in storage.listdir("cv")[0]:
            names += storage.listdir(f"cv/{folder}")[1]
    except FileNotFoundError:
        pass
    return names
