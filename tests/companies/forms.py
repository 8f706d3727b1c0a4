from django.urls import reverse

SIRET = "73282932000074"


def post_company(client, company, **fields):
    """Post the form of the company with its name, other fields empty, and the given fields."""
    data = {"name": company.name, "siret": "", "kind": "direct", "sector": "", "size": "", "website": "", **fields}
    return client.post(reverse("posting:company", args=[company.slug]), data)
