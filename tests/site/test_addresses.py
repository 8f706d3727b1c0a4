import pytest
from django.urls import reverse

from jobboard.addresses import address_of


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("offers:detail", (7, "developpeur-python")),
        ("offers:apply", (1_000_000, "cto")),
        ("offers:apply_elsewhere", (7, "1-2-3")),
        ("offers:report", (7, "offre")),
        ("offers:company", ("acme-2",)),
        ("careers:detail", ("developpeur-c",)),
        ("offers:feed", ("rss",)),
        ("offers:list", ()),
    ],
)
def test_addresses_put_together_are_those_that_lead_somewhere(name, arguments):
    # Twice: the second is put together from what the first has left.
    for _ in range(2):
        assert address_of(name, *arguments) == reverse(name, args=arguments)
