from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import F
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

    def confirmed(self):
        """Return the users who have confirmed their current e-mail address."""
        return self.filter(emailaddress__verified=True, emailaddress__email__iexact=F("email"))

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

    # Whether the session of the request has verified a second factor: set by SecondFactorMiddleware.
    second_factor_verified = False

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

    # Permissions, which reach beyond the user's own companies, depend on a second factor. They are checked here and not
    # by path: the recruiter area and public pages use them too, and a superuser has them without a backend.

    @property
    def is_second_factor_missing(self) -> bool:
        """Return whether permissions are suspended, for lack of a second factor in the session."""
        return settings.STAFF_MFA_REQUIRED and not self.second_factor_verified

    @property
    def needs_second_factor(self) -> bool:
        """Return whether the account has permissions that need a second factor."""
        return settings.STAFF_MFA_REQUIRED and (
            self.is_staff or self.is_superuser or bool(super().get_all_permissions())
        )

    def has_perm(self, perm, obj=None):
        return not self.is_second_factor_missing and super().has_perm(perm, obj)

    def has_module_perms(self, app_label):
        return not self.is_second_factor_missing and super().has_module_perms(app_label)

    def get_user_permissions(self, obj=None):
        return set() if self.is_second_factor_missing else super().get_user_permissions(obj)

    def get_group_permissions(self, obj=None):
        return set() if self.is_second_factor_missing else super().get_group_permissions(obj)

    def get_all_permissions(self, obj=None):
        return set() if self.is_second_factor_missing else super().get_all_permissions(obj)
