from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import accumulate

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property

from careers.enums import Level
from careers.models import Role
from jobboard.text.columns import LineColumn, ProseColumn
from jobboard.text.numbers import thousands
from jobboard.text.web_urls import WebURLField, validate_https
from offers import visibility
from offers.companies.models import Company
from offers.enums import Contract, EmployerKind, OfferStatus, WorkLanguage
from offers.models.lifecycle import OfferLifecycle
from offers.models.public import PublicOffer
from offers.models.skill import Skill
from offers.models.title import names_a_job, without_gender_mark
from offers.places.models import Place

# Bounds of the pay in euros, so that “45” entered for 45 K€ is an error. The minimum is that of an apprentice.
PAY_BOUNDS = {"year": (5_000, 500_000), "day": (80, 3_000)}


# NULL as 0, since SQLite cannot index NULLS LAST.
BEST_PAID = Coalesce("pay_max", 0).desc()


@dataclass(frozen=True)
class PayQuartiles:
    """Quartiles of the yearly pay, in € gross, of `count` offers."""

    count: int
    low: int
    median: int
    high: int


class JSONPairs(Subquery):
    """The rows of a queryset with the columns `pk` and `name`, in its order, as a JSON list of pairs."""

    output_field = models.JSONField()
    template = "(SELECT json_group_array(json_array(pk, name)) FROM (%(subquery)s))"

    def as_postgresql(self, compiler, connection):
        template = "(SELECT jsonb_agg(jsonb_build_array(pk, name)) FROM (%(subquery)s) AS pairs)"
        return self.as_sql(compiler, connection, template=template)


@cache
def card_skills() -> JSONPairs:
    """Return the expression for the skills of an offer by name, as [pk, name]; PostgreSQL returns null for none.

    A subquery in the SELECT of the offers, so that lists take no query for skills.
    """
    rows = Offer.skills.through.objects.filter(offer=OuterRef("pk")).order_by("skill__key")
    return JSONPairs(rows.values(pk=F("skill_id"), name=F("skill__name")))


class OfferQuerySet(models.QuerySet):
    def published(self, at=None):
        """Return the offers published at `at` (now by default)."""
        return self.filter(visibility.published_condition(at))

    def once_published(self, at=None):
        """Return the offers published at `at` or before, open or closed since."""
        return self.filter(visibility.once_published_condition(at))

    def waiting(self):
        """Return the submitted offers, and the published ones with a waiting revision, longest waiting first."""
        return self.filter(waiting_since__isnull=False).order_by("waiting_since", "pk")

    def due_to_expire(self, at=None):
        """Return the offers past their expiry date that still have the status “published”."""
        return self.filter(visibility.overdue_condition(at))

    def newest_first(self):
        return self.order_by("-published_at", "-pk")

    def best_paid_first(self):
        """Order by the top of the range, unknown pay last. Daily rates are always below yearly salaries."""
        return self.order_by(BEST_PAID, "-published_at", "-pk")

    def for_cards(self):
        """Select the fields of cards in one query. For known pks, offers.catalogue.cards is faster."""
        cards = self.select_related("company", "place").defer("description", "company__description")
        return cards.annotate(card_skills=card_skills())

    def with_version_at(self):
        """Annotate `version_at`, the datetime of the last event with a new version, None for offers without one."""
        events = self.model.events.rel.related_model.objects.filter(offer=OuterRef("pk"), version__isnull=False)
        return self.annotate(version_at=Subquery(events.order_by("-at", "-pk").values("at")[:1]))

    def with_justification(self):
        """Annotate `given_justification`, that of the last submission, None for an offer that was never submitted."""
        events = self.model.events.rel.related_model.objects.filter(offer=OuterRef("pk")).submissions()
        return self.annotate(given_justification=Subquery(events.order_by("-at", "-pk").values("justification")[:1]))

    def pay_quartiles(self) -> "PayQuartiles | None":
        """Return the quartiles of the midpoints of yearly pay ranges, or None if no offer states its pay.

        One query, grouped by pay: a few hundred rows for a hundred thousand offers. Interpolation is linear:
        quartile q of n sorted values is at the index (n - 1) × q / 4.
        """
        paid = self.exclude(contract=Contract.FREELANCE).filter(pay_min__isnull=False).order_by()
        # Doubled midpoints, and indexes in quarters, so that all values are integers.
        doubles = paid.values_list(F("pay_min") + F("pay_max")).annotate(offers=Count("pk"))
        amounts, counts = zip(*sorted(doubles), strict=True) if doubles else ((), ())
        reached = list(accumulate(counts))
        if not reached:
            return None

        def quartile(q: int) -> int:
            place, quarters = divmod((reached[-1] - 1) * q, 4)
            low, high = (amounts[bisect_right(reached, at)] for at in (place, min(place + 1, reached[-1] - 1)))
            return round((low * (4 - quarters) + high * quarters) / 8)

        return PayQuartiles(reached[-1], quartile(1), quartile(2), quartile(3))


class Offer(PublicOffer, OfferLifecycle, models.Model):
    title = LineColumn("intitulé", max_length=120, help_text="Sans «\u00a0(H/F)\u00a0», que les pages ajoutent.")
    status = models.CharField("état", max_length=10, choices=OfferStatus, default=OfferStatus.DRAFT, editable=False)
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="offers", verbose_name="entreprise", null=True, blank=True
    )
    confidential = models.BooleanField("employeur confidentiel", default=False)
    employer_descriptor = LineColumn(
        "présentation publique de l’employeur",
        max_length=120,
        blank=True,
        help_text="À la place du nom d’un employeur confidentiel\u00a0: «\u00a0Éditeur de logiciel pour …\u00a0».",
    )
    role = models.ForeignKey(Role, models.SET_NULL, related_name="offers", verbose_name="métier", null=True, blank=True)
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="offers", verbose_name="commune", null=True, blank=True
    )
    contract = models.CharField("contrat", max_length=10, choices=Contract)
    remote_days = models.PositiveSmallIntegerField(
        "jours de télétravail par semaine", null=True, blank=True, validators=[MaxValueValidator(5)]
    )
    fully_remote = models.BooleanField("100\u00a0% télétravail", default=False)
    experience = models.CharField("expérience", max_length=10, choices=Level, blank=True)
    work_language = models.CharField(
        "langue de travail",
        max_length=5,
        choices=WorkLanguage,
        blank=True,
        help_text="Celle de l’équipe au quotidien : les candidats filtrent selon ce choix.",
    )
    pay_min = models.PositiveIntegerField(
        "rémunération, de (€)",
        null=True,
        blank=True,
        help_text="Brut fixe par an, en euros\u00a0; pour un freelance, hors taxes par jour.",
    )
    pay_max = models.PositiveIntegerField("à (€)", null=True, blank=True)
    skills = models.ManyToManyField(Skill, related_name="offers", verbose_name="compétences", blank=True)
    highlights = ProseColumn("points forts", max_length=600, blank=True, help_text="Un par ligne, six au plus.")
    description = ProseColumn("description", max_length=20_000, blank=True, help_text="Markdown.")
    apply_url = WebURLField(
        "adresse pour postuler",
        blank=True,
        validators=[validate_https],
        help_text="Page du site de l’employeur, en https.",
    )
    external_reference = LineColumn("référence de l’employeur", max_length=80, blank=True)

    created_at = models.DateTimeField("créée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    expires_at = models.DateTimeField("expire le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    closed_at = models.DateTimeField("fermée le", null=True, blank=True, editable=False)
    # When the offer, or its revision, was submitted to moderation; NULL if neither is waiting.
    waiting_since = models.DateTimeField("attend une relecture depuis", null=True, blank=True, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = "offre"
        verbose_name_plural = "offres"
        ordering = ["-published_at", "-pk"]
        permissions = [("moderate_offer", "Peut relire, accepter, renvoyer et supprimer des offres")]
        indexes = [
            # Not partial: SQLite uses a partial index only if the status is a literal in the statement.
            models.Index(F("status"), F("published_at").desc(), F("id").desc(), name="offer_newest"),
            models.Index(F("status"), BEST_PAID, F("published_at").desc(), F("id").desc(), name="offer_best_paid"),
            models.Index(fields=["status", "expires_at"], name="offer_expiry"),
            # A covering index for `pay_quartiles` of a role.
            models.Index(
                fields=["role", "status", "published_at", "expires_at", "contract", "pay_min", "pay_max"],
                name="offer_of_role",
            ),
            models.Index(fields=["waiting_since", "id"], name="offer_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                name="offer_status_known",
                condition=Q(status__in=OfferStatus.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="offer_contract_known",
                condition=Q(contract__in=Contract.values),
                violation_error_message="Ce contrat n’existe pas.",
            ),
            models.CheckConstraint(
                name="offer_work_language_known",
                condition=Q(work_language__in=["", *(each.value for each in WorkLanguage)]),
                violation_error_message="Cette langue de travail n’existe pas.",
            ),
            models.CheckConstraint(
                name="offer_pay_ordered",
                condition=Q(pay_min__isnull=True, pay_max__isnull=True)
                | Q(pay_min__isnull=False, pay_max__isnull=False, pay_min__lte=F("pay_max"), pay_min__gt=0),
                violation_error_message="La rémunération se donne en fourchette, du plus petit au plus grand montant.",
            ),
            models.CheckConstraint(
                name="offer_remote_days_in_week",
                condition=Q(remote_days__isnull=True) | Q(remote_days__lte=5),
                violation_error_message="Une semaine compte cinq jours de travail.",
            ),
            models.CheckConstraint(
                name="offer_fully_remote_five_days",
                condition=Q(fully_remote=False) | Q(remote_days__isnull=False, remote_days=5),
                # “%%”, since Django formats these messages.
                violation_error_message="Une offre à 100\u00a0%% en télétravail compte cinq jours de télétravail.",
            ),
            models.CheckConstraint(
                name="offer_placed",
                # Drafts and withdrawn offers may have no commune.
                condition=Q(place__isnull=False)
                | Q(fully_remote=True)
                | Q(status__in=["draft", "withdrawn", "removed"]),
                violation_error_message="Une offre a une commune, sauf à 100\u00a0%% en télétravail.",
            ),
            models.CheckConstraint(
                name="offer_employer_known",
                condition=Q(company__isnull=False) | Q(confidential=True),
                violation_error_message="Une offre porte le nom d’une entreprise, sauf employeur confidentiel.",
            ),
            models.CheckConstraint(
                name="offer_published_dated",
                condition=Q(status__in=["draft", "submitted", "returned", "withdrawn", "removed"])
                | Q(published_at__isnull=False, expires_at__isnull=False, expires_at__gt=F("published_at")),
                violation_error_message="Une offre publiée a une date de publication et expire après elle.",
            ),
            models.CheckConstraint(
                name="offer_closed_dated",
                condition=Q(status__in=["draft", "submitted", "returned", "published"], closed_at__isnull=True)
                | Q(status__in=["filled", "expired", "withdrawn", "removed"], closed_at__isnull=False),
                violation_error_message="Une offre pourvue, expirée, retirée ou supprimée a une date de fermeture, "
                "et elle seule.",
            ),
            models.CheckConstraint(
                name="offer_waiting_dated",
                condition=Q(status="submitted", waiting_since__isnull=False)
                | Q(status="published")
                | (~Q(status__in=["submitted", "published"]) & Q(waiting_since__isnull=True)),
                violation_error_message="Une offre à relire attend depuis une date.",
            ),
            models.CheckConstraint(
                name="offer_apply_url_https",
                condition=Q(apply_url="") | Q(apply_url__startswith="https://"),
                violation_error_message="L’adresse pour postuler commence par https://.",
            ),
            models.CheckConstraint(
                name="offer_apply_url_not_confidential",
                condition=Q(apply_url="") | Q(confidential=False),
                violation_error_message="Une adresse pour postuler dévoilerait un employeur confidentiel.",
            ),
            models.UniqueConstraint(
                fields=["company", "external_reference"],
                condition=~Q(external_reference=""),
                name="offer_reference_unique",
                violation_error_message="Cette entreprise a déjà une offre sous cette référence.",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.title = without_gender_mark(self.title)
        super().save(*args, **kwargs)

    @cached_property
    def card_skills(self) -> list[list]:
        """Return the skills by name as [pk, name]. `for_cards` annotates them, others take a query."""
        return [[skill.pk, skill.name] for skill in self.skills.order_by("key")]

    @property
    def employer_kind(self) -> str:
        """Return the label of the kind of employer, or an empty string. It does not reveal the company."""
        return self.company.get_kind_display() if self.company else ""

    @property
    def takes_applications(self) -> bool:
        """Return whether candidates apply on this site, rather than at `apply_url`."""
        return not self.apply_url

    def was_published(self, at=None) -> bool:
        """Return whether the offer was published at `at` (now by default) or before."""
        return visibility.was_published(self, at)

    def ended_at(self, at=None):
        """Return the datetime when the offer was closed or expired; None for drafts and open offers."""
        at = at or timezone.now()
        if self.closed_at:
            return self.closed_at
        return self.expires_at if self.status == OfferStatus.PUBLISHED and self.expires_at <= at else None

    def is_gone(self, at=None) -> bool:
        """Return whether its page answers 410: if removed, or OFFER_GONE_AFTER_DAYS after it was closed."""
        at = at or timezone.now()
        if self.status == OfferStatus.REMOVED:
            return True
        ended = self.ended_at(at)
        return ended is not None and ended + timedelta(days=settings.OFFER_GONE_AFTER_DAYS) <= at

    def clean(self):
        errors = {}
        # An empty title has an error of its own.
        if self.title and not names_a_job(self.title):
            errors["title"] = "Nommez le métier\u00a0: «\u00a0Développeur Java\u00a0», par exemple."
        if self.pay_min is not None and self.pay_max is not None and self.contract:
            low, high = PAY_BOUNDS[self.pay_period]
            for name in ("pay_min", "pay_max"):
                if not low <= getattr(self, name) <= high:
                    unit = "par jour" if self.pay_period == "day" else "par an"
                    errors[name] = (
                        f"Montant peu plausible\u00a0: entre {thousands(low)} et {thousands(high)} € {unit} attendus."
                    )
        if len(self.highlight_list) > 6:
            errors["highlights"] = "Six points forts au plus."
        if self.confidential and self.company and self.company.kind == EmployerKind.TEMP_AGENCY:
            errors["confidential"] = "Une agence d’intérim est nommée dans ses offres (code du travail, L5332-3)."
        if errors:
            raise ValidationError(errors)
