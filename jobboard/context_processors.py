from django.conf import settings


def site(request):
    """Return the name, URL and legal identity of the site, for the header, the footer and the legal pages."""
    return {"site": {"name": settings.SITE_NAME, "url": settings.SITE_URL, **settings.SITE_IDENTITY}}
