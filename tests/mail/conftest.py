import pytest

from jobboard.mail import kinds
from jobboard.mail.kinds import Mail, mail_kind


@pytest.fixture
def kind(monkeypatch):
    """Register kinds of mail for one test: `kind(render, name=…)`."""
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds})

    def register(render=None, name="tests.note", **options):
        mail_kind(name, "essai", **options)(
            render or (lambda to="anne@example.org": Mail("account/mail/password_changed", to=[to]))
        )
        return name

    return register


@pytest.fixture
def smtp(settings):
    def connect(server):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 0.5

    return connect
