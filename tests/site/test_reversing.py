import pytest
from django.urls import reverse

from jobboard.reversing import cached_reverse


@pytest.mark.parametrize(
    ("name", "args"),
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
def test_cached_reverse_equals_reverse(name, args):
    # Twice: the second call formats the path template that the first has cached.
    for _ in range(2):
        assert cached_reverse(name, *args) == reverse(name, args=args)
