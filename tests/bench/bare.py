"""The bare view, the unit of all measurements: a Django view that renders a template, without a database.

The middleware is that of `startproject`. The template extends a base template and loops over rows, with about one value
per hundred bytes, until the page has the size of the URL: `/60000/` returns 60,000 bytes.
"""

from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="bare",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(__file__).parent / "templates"],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        LANGUAGE_CODE="fr",
        USE_TZ=True,
    )
    django.setup()

ROWS = [
    {"number": index, "title": f"Métier {index}", "town": "Lyon (69)", "contract": "CDI", "text": "Équipe de huit"}
    for index in range(5_000)
]  # fmt: skip


def page(request, size):
    return render(request, "bare/page.html", _context(size))


@cache
def _context(size: int) -> dict:
    """Return as many rows as fit into `size` bytes, and the filling for the rest."""
    request = HttpRequest()

    def length(rows):
        return len(render_to_string("bare/page.html", {"rows": ROWS[:rows], "filling": ""}, request).encode())

    low, high = 0, len(ROWS)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(middle) <= size else (low, middle - 1)
    return {"rows": ROWS[:low], "filling": "." * max(size - length(low), 0)}


urlpatterns = [path("<int:size>/", page)]
application = get_wsgi_application()
