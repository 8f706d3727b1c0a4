from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from jobboard.text.columns import EmailColumn, LineColumn
from jobboard.text.emails import clean_email


class UserQuerySet(models.QuerySet):
    def unconfirmed(self):
        """Return the accounts created by sign-up whose address is not confirmed."""
        return self.filter(last_login=None, is_staff=False, is_superuser=False, signed_up=True).exclude(
            emailaddress__verified=True
        )

    def abandoned(self, at=None):
        """Return the accounts unconfirmed for more than UNCONFIRMED_ACCOUNT_DAYS at `at` (default: now)."""
        limit = (at or timezone.now()) - timedelta(days=settings.UNCONFIRMED_ACCOUNT_DAYS)
        return self.unconfirmed().filter(date_joined__lt=limit)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def _create(self, email, password, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=clean_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email, password=None, **fields):
        return self._create(email, password, **{"is_staff": False, "is_superuser": False, **fields})

    def create_superuser(self, email, password=None, **fields):
        return self._create(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    """An account of a recruiter or of the staff, with the e-mail address as login. Candidates have no account."""

    username = None
    email = EmailColumn("adresse e-mail", unique=True)
    first_name = LineColumn("prénom", max_length=150, blank=True)
    last_name = LineColumn("nom", max_length=150, blank=True)
    # Whether the user signed up and must confirm the address; False for accounts created by curators.
    signed_up = models.BooleanField("compte ouvert par la personne", default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_any_case",
                violation_error_message="Un compte existe déjà avec cette adresse.",
            )
        ]

    def __str__(self):
        return self.get_full_name() or self.email
