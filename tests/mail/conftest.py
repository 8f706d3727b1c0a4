import pytest

from jobboard.mail import kinds
from jobboard.mail.kinds import Mail, mail_kind


@pytest.fixture
def register_kind(monkeypatch):
    """Register kinds of mail for one test: `register_kind(render, name=…)` returns the name."""
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds})

    def register(render=None, name="tests.note", **options):
        mail_kind(name, "essai", **options)(
            render or (lambda to="anne@example.org": Mail("account/mail/password_changed", to=[to]))
        )
        return name

    return register
