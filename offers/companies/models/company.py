import re

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from stdnum.exceptions import ValidationError as InvalidSiret
from stdnum.fr import siret as siret_format

from jobboard.locks import lock_value
from jobboard.mail.outbox import queue_mail
from jobboard.reversing import cached_reverse
from jobboard.text.columns import LineColumn, ProseColumn
from jobboard.text.keys import search_key
from jobboard.text.web_urls import WebURLField
from offers.companies.enums import CompanyChange, CompanySize, MemberRole
from offers.enums import ActorRole, EmployerKind

LEGAL_FORMS = frozenset(["sas", "sasu", "sa", "sarl", "eurl", "scop", "gie", "selarl", "groupe", "group", "france"])
# Path segments of the site that a slug must not shadow.
RESERVED_SLUGS = frozenset(["nouvelle"])
_SLUG_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Badge and trust, and the fields they were given for.
_CERTIFIED_FIELDS = ("verified_at", "trusted", "name", "siret")
# Names are part of mails: a URL or an e-mail address in a name would be spam. “Arob@se Conseil” is a name.
_URL_OR_EMAIL = re.compile(r"://|www\.|\S@\S+\.\w{2}", re.IGNORECASE)


class SiretField(models.CharField):
    """The SIRET of an establishment, validated by its checksum and stored without spaces."""

    default_error_messages = {"siret": "Ce numéro SIRET n’est pas valable\u00a0: vérifiez ses 14 chiffres."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 14, **kwargs})

    def to_python(self, value):
        value = super().to_python(value)
        return siret_format.compact(value.replace("\u00a0", " ").replace("\u202f", " ")) if value else value

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        try:
            siret_format.validate(value)
        except InvalidSiret:
            raise ValidationError(self.error_messages["siret"], code="siret") from None

    def formfield(self, **kwargs):
        # The input may contain spaces, which are not stored.
        return super().formfield(**{"max_length": 40, **kwargs})


def validate_name(name: str) -> None:
    if _URL_OR_EMAIL.search(name):
        raise ValidationError("Un nom, sans adresse de site ni adresse e-mail.", code="name")
    if not name.isprintable():
        raise ValidationError("Ce nom contient un caractère invisible.", code="name")
    if not any(char.isalnum() for char in name):
        raise ValidationError("Un nom contient une lettre ou un chiffre.", code="name")


def validate_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError("Cette adresse est celle d’une page du site.", code="reserved")


def name_key(name: str) -> str:
    """Return `name` without case, accents, spaces and legal form, to detect spellings of the same company."""
    words = [word for word in search_key(name).split() if word not in LEGAL_FORMS]
    return "".join(words or search_key(name).split())


def logo_path(company, filename: str) -> str:
    """Return the path of a logo. `offers.companies.logos` names files at random, so a URL never changes content."""
    return f"logos/{filename}"


def lock_companies() -> None:
    """Let only this transaction choose a slug or give a badge, until its end: both may identify a person.

    Take the lock before any row: other transactions lock rows while they hold it.
    """
    lock_value("companies", "")


def _named_offers(at):
    Offer = apps.get_model("offers", "Offer")
    return Offer.objects.once_published(at).filter(company=OuterRef("pk"), confidential=False)


class CompanyQuerySet(models.QuerySet):
    def for_member(self, user):
        """Return the companies that `user` is a member of. All access to company data goes through this filter."""
        return self.filter(memberships__user=user)

    def owned_by(self, user):
        return self.filter(memberships__user=user, memberships__role=MemberRole.OWNER)

    def public(self, at=None):
        """Return the companies with a public page: those named in an offer published at `at` or before.

        A badge alone gives no page: it would show that a company with confidential offers only is a customer.
        """
        return self.filter(Exists(_named_offers(at)))


class Company(models.Model):
    name = LineColumn("nom", max_length=120, validators=[validate_name])
    slug = models.SlugField("adresse", max_length=120, unique=True, blank=True, validators=[validate_slug])
    name_key = models.CharField(max_length=240, blank=True, editable=False, db_index=True)
    kind = models.CharField("type d’employeur", max_length=10, choices=EmployerKind, default=EmployerKind.DIRECT)
    sector = LineColumn("secteur", max_length=120, blank=True)
    size = models.CharField("effectif", max_length=10, choices=CompanySize, blank=True)
    website = WebURLField("site", blank=True)
    # Not public: a confidential offer must not contain them.
    other_names = LineColumn(
        "autres noms",
        max_length=200,
        blank=True,
        help_text="Marques, sigle, ancien nom, séparés par des virgules. Ils ne sont pas publiés\u00a0: le contrôle du "
        "texte les cherche dans vos offres confidentielles.",
    )
    description = ProseColumn("présentation", blank=True, max_length=20_000, help_text="Markdown.")
    logo = models.ImageField("logo", upload_to=logo_path, blank=True, max_length=120)
    siret = SiretField("SIRET", blank=True, help_text="Les 14 chiffres de l’établissement, espaces permis.")
    verified_at = models.DateTimeField("vérifiée le", null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="vérifiée par",
        null=True,
        blank=True,
        editable=False,
    )
    trusted = models.BooleanField("publie sans relecture", default=False, editable=False)
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    # Median days until applications are answered; updated every night, NULL while there are too few answers.
    answer_days = models.PositiveSmallIntegerField("jours avant une réponse", null=True, blank=True, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = "entreprise"
        verbose_name_plural = "entreprises"
        ordering = ["name"]
        permissions = [("trust_company", "Peut vérifier une entreprise et la laisser publier sans relecture")]
        constraints = [
            models.CheckConstraint(
                name="company_kind_known",
                condition=models.Q(kind__in=EmployerKind.values),
                violation_error_message="Ce type d’employeur n’existe pas.",
            ),
            models.UniqueConstraint(
                fields=["siret"],
                # A company without a badge may have any SIRET: a refusal would tell who is registered.
                condition=~models.Q(siret="") & models.Q(verified_at__isnull=False),
                name="company_siret_unique",
                violation_error_message="Une entreprise vérifiée a déjà ce numéro SIRET.",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self._free_slug()
        self.name_key = name_key(self.name)
        if (fields := kwargs.get("update_fields")) is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        with transaction.atomic():
            # Query even if this instance has no badge: it may have been given since it was loaded.
            rows = Company.objects.select_for_update().filter(pk=self.pk).values_list(*_CERTIFIED_FIELDS, named=True)
            stored = None if self._state.adding else rows.first()
            changed = stored is not None and (stored.name, stored.siret) != (self.name, self.siret)
            if changed:
                self._withdraw_certificates(kwargs)
            super().save(*args, **kwargs)
            if changed:
                self._record_changes(stored)

    def _withdraw_certificates(self, kwargs) -> None:
        """Remove badge and trust, which were given to another name or SIRET."""
        self.verified_at = self.verified_by = None
        self.trusted = False
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "verified_at", "verified_by", "trusted"}

    def _record_changes(self, stored) -> None:
        if stored.verified_at:
            self._record(CompanyChange.UNVERIFIED, None)
        if stored.trusted:
            self._record(CompanyChange.UNTRUSTED, None)
        if stored.name != self.name:
            event = self._record(CompanyChange.RENAMED, None, former_name=stored.name)
            if stored.verified_at or stored.trusted or Company.objects.public().filter(pk=self.pk).exists():
                queue_mail("companies.renamed", event.pk, event=event.pk)

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            # First the row that the functions of `offers.companies.team` lock, else both wait for each other.
            locked = Company.objects.select_for_update().filter(pk=self.pk).first()
            result = super().delete(*args, **kwargs)
            if locked and locked.logo:
                transaction.on_commit(lambda: locked.logo.storage.delete(locked.logo.name), robust=True)
        return result

    def get_absolute_url(self):
        return cached_reverse("catalogue:company", self.slug)

    @property
    def siret_in_groups(self) -> str:
        """Return the SIRET in groups: 732 829 320 00074."""
        return siret_format.format(self.siret, "\u00a0")

    def verify(self, by, at=None) -> bool:
        """Give the badge. Return False if the name or the SIRET has changed in the database meanwhile.

        Also return False if another verified company has the SIRET.
        """
        at = at or timezone.now()
        with transaction.atomic():
            lock_companies()
            verified = Company.objects.filter(verified_at__isnull=False).exclude(pk=self.pk)
            if self.siret and verified.filter(siret=self.siret).exists():
                return False
            unchanged = Company.objects.filter(pk=self.pk, name=self.name, siret=self.siret)
            if not unchanged.update(verified_at=at, verified_by=by):
                return False
            self._record(CompanyChange.VERIFIED, by)
        self.verified_at, self.verified_by = at, by
        return True

    def unverify(self, by=None) -> None:
        with transaction.atomic():
            verified = Company.objects.filter(pk=self.pk, verified_at__isnull=False)
            if verified.update(verified_at=None, verified_by=None):
                self._record(CompanyChange.UNVERIFIED, by)
        self.verified_at = self.verified_by = None

    def trust(self, by) -> bool:
        """Let the company publish without moderation. Return False if it was trusted already."""
        return self._set_trust(True, by)

    def distrust(self, by) -> bool:
        return self._set_trust(False, by)

    def _set_trust(self, trusted: bool, by) -> bool:
        with transaction.atomic():
            updated = bool(Company.objects.filter(pk=self.pk, trusted=not trusted).update(trusted=trusted))
            if updated:
                self._record(CompanyChange.TRUSTED if trusted else CompanyChange.UNTRUSTED, by)
        self.trusted = trusted
        return updated

    def _record(self, change: CompanyChange, by, **values):
        role = ActorRole.TEAM if by else ActorRole.SYSTEM
        return self.events.create(change=change, at=timezone.now(), by=by, role=role, **values)

    def set_unguessable_slug(self) -> None:
        """Set a slug with random letters: one without, or with a count, would tell which names are registered."""
        self.slug = f"{slugify(self.name)[:100] or 'entreprise'}-{get_random_string(5, _SLUG_LETTERS)}"

    def _free_slug(self) -> str:
        """Return a slug of the name, with a suffix if it is taken. The unique constraint catches race conditions."""
        base = slugify(self.name)[:110] or "entreprise"
        taken = RESERVED_SLUGS.union(Company.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        suffix, slug = 1, base
        while slug in taken:
            suffix += 1
            slug = f"{base}-{suffix}"
        return slug


class Membership(models.Model):
    """The membership of a user in a company, which gives access to its offers and applications."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships", verbose_name="entreprise")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name="personne"
    )
    role = models.CharField("rôle", max_length=10, choices=MemberRole, default=MemberRole.RECRUITER)
    # NULL for memberships created before this field existed.
    created_at = models.DateTimeField("membre depuis", auto_now_add=True, null=True)

    class Meta:
        verbose_name = "membre"
        verbose_name_plural = "membres"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user"],
                name="membership_unique",
                violation_error_message="Cette personne est déjà membre de l’entreprise.",
            ),
            models.CheckConstraint(
                name="membership_role_known",
                condition=models.Q(role__in=MemberRole.values),
                violation_error_message="Ce rôle n’existe pas.",
            ),
        ]

    def __str__(self):
        return f"{self.user} – {self.company}"

    def save(self, *args, **kwargs):
        # The first member becomes the owner: a company with members always has one.
        if self._state.adding and not self.company.memberships.filter(role=MemberRole.OWNER).exists():
            self.role = MemberRole.OWNER
        super().save(*args, **kwargs)

    @property
    def is_owner(self) -> bool:
        return self.role == MemberRole.OWNER
