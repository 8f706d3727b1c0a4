import pytest
from django.urls import reverse

from jobboard.addresses import address_of


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("catalogue:detail", (7, "developpeur-python")),
        ("applications:apply", (1_000_000, "cto")),
        ("applications:apply_elsewhere", (7, "1-2-3")),
        ("moderation:report", (7, "offre")),
        ("catalogue:company", ("acme-2",)),
        ("careers:detail", ("developpeur-c",)),
        ("catalogue:feed", ("rss",)),
        ("catalogue:list", ()),
    ],
)
def test_addresses_put_together_are_those_that_lead_somewhere(name, arguments):
    # Twice: the second is put together from what the first has left.
    for _ in range(2):
        assert address_of(name, *arguments) == reverse(name, args=arguments)
