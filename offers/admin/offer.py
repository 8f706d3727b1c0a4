from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from jobboard.admin_forms.accessible import label_split_datetime
from jobboard.admin_forms.columns import render_cell
from jobboard.admin_forms.guarded import ConflictSafeAdmin
from jobboard.text.numbers import NBSP, euros, thousands
from offers.admin.forms import BY_METHOD, NEW, VERBS, OfferForm
from offers.enums import OfferStatus
from offers.fields import MATERIAL, AdminSection, admin_rows
from offers.models import Offer, Question, TransitionRefused
from offers.models.labels import pay_label, pay_unit_label
from offers.models.transitions import allowed
from offers.models.watchlists import WATCHLISTS, filter_watchlist
from offers.moderation import wording
from offers.moderation.admin.queue import ModerationQueueMixin
from offers.moderation.wording.rules import WIDE_PAY

MAX_EVENTS = 50  # Events shown on the page of an offer, the latest first.
BULK_LIMIT = 500  # Each offer of a bulk action takes two writes: more would exceed the request timeout.


class WatchFilter(admin.SimpleListFilter):
    title = "à surveiller"
    parameter_name = "suivi"

    def lookups(self, request, model_admin):
        return [(name, label) for name, (label, _) in WATCHLISTS.items()]

    def queryset(self, request, queryset):
        return filter_watchlist(queryset, self.value()) if self.value() in WATCHLISTS else queryset


# Options of fieldsets, whose fields `offers/fields.py` declares.
_FIELDSET_OPTIONS = {
    AdminSection.EMPLOYER: {"fields": [*admin_rows(AdminSection.EMPLOYER), "request_source"]},
    AdminSection.PAY: {"description": f"En euros. Par an, brut fixe{NBSP}; pour un freelance, par jour, hors taxes."},
    AdminSection.DATES: {"description": "Publier, marquer pourvue, retirer\u00a0: par les boutons au bas de la page."},
}


class QuestionInline(admin.StackedInline):
    model = Question
    fields = [("position", "required"), "text"]
    extra = 0
    max_num = Question.MAX_PER_OFFER
    verbose_name_plural = "questions aux candidats"


@admin.register(Offer)
class OfferAdmin(ModerationQueueMixin, ConflictSafeAdmin):
    form = OfferForm
    list_display = ["title", "state", "employer", "place", "contract", "pay_range", "published", "expires", "page"]
    list_select_related = ["company", "place"]
    list_filter = [
        WatchFilter,
        "status",
        "contract",
        ("confidential", admin.BooleanFieldListFilter),
        ("role", admin.RelatedOnlyFieldListFilter),
        "place__region",
    ]
    list_per_page = 50
    search_fields = ["title", "company__name", "employer_descriptor", "external_reference", "place__name"]
    search_help_text = "Intitulé, entreprise, commune ou référence."
    date_hierarchy = "published_at"
    ordering = ["-created_at", "-pk"]
    autocomplete_fields = ["company", "place", "role", "skills"]
    actions = ["publish_offers", "renew_offers", "fill_offers", "withdraw_offers"]
    inlines = [QuestionInline]
    save_as = True
    fieldsets = [
        (section.value, {"fields": admin_rows(section), **_FIELDSET_OPTIONS.get(section, {})})
        for section in AdminSection
    ]

    def get_readonly_fields(self, request, obj=None):
        # The verbs set the dates; only the expiry of a published offer can be edited.
        fields = ["published_at", "confirmed_at", "closed_at", "created_at", "updated_at"]
        return fields if obj and obj.status == OfferStatus.PUBLISHED else [*fields, "expires_at"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and hasattr(field.widget, "can_delete_related"):
            # Related objects can be added and edited here, not deleted.
            field.widget.can_delete_related = field.widget.can_view_related = False
        return label_split_datetime(field)

    # Columns

    @admin.display(description="état", ordering="status")
    def state(self, offer):
        now = timezone.now()
        # After an invalid submission the instance has the submitted dates, which may be missing.
        has_dates = offer.published_at and offer.expires_at
        if offer.status == OfferStatus.PUBLISHED and has_dates and not offer.is_published(now):
            late = offer.expires_at <= now
            return render_cell("badge", "expirée" if late else "à venir", "warn" if late else "")
        return render_cell("badge", offer.get_status_display(), offer.status)

    @admin.display(description="employeur", ordering="company__name")
    def employer(self, offer):
        if not offer.confidential:
            return offer.company
        known = offer.company or render_cell("missing", "entreprise non enregistrée")
        return render_cell("lines", known, f"confidentiel{NBSP}: {offer.employer_line}")

    @admin.display(description="rémunération", ordering="pay_min")
    def pay_range(self, offer):
        if offer.pay_min is None:
            return None
        return render_cell("lines", render_cell("nowrap", pay_label(offer)), pay_unit_label(offer))

    @admin.display(description="publiée", ordering="published_at")
    def published(self, offer):
        return offer.published_at and short_date(offer.published_at)

    @admin.display(description="expire", ordering="expires_at")
    def expires(self, offer):
        return offer.expires_at and short_date(offer.expires_at)

    @admin.display(description="page")
    def page(self, offer):
        return render_cell(
            "link", offer.get_absolute_url(), "voir" if offer.is_published() else "aperçu", css="viewlink"
        )

    def view_on_site(self, offer):
        return offer.get_absolute_url()

    # Changes of status

    def has_change_permission(self, request, obj=None):
        """Let only moderators change a published offer, since the change is public at once."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status != OfferStatus.PUBLISHED or self.has_moderate_permission(request))

    @admin.action(description="Publier les offres sélectionnées", permissions=["moderate"])
    def publish_offers(self, request, queryset):
        self._apply_to_all(request, queryset, BY_METHOD["publish"])

    @admin.action(description="Renouveler les offres sélectionnées", permissions=["change"])
    def renew_offers(self, request, queryset):
        self._apply_to_all(request, queryset, BY_METHOD["renew"])

    @admin.action(description="Marquer les offres sélectionnées comme pourvues", permissions=["change"])
    def fill_offers(self, request, queryset):
        self._apply_to_all(request, queryset, BY_METHOD["fill"])

    @admin.action(description="Retirer les offres sélectionnées", permissions=["change"])
    def withdraw_offers(self, request, queryset):
        self._apply_to_all(request, queryset, BY_METHOD["withdraw"])

    def _apply(self, request, offer, verb, **arguments) -> bool:
        """Change the status and log it. Return False, with a message, if the transition is refused."""
        before = offer.get_status_display()
        try:
            getattr(offer, verb.method)(request.user, **arguments)
        except TransitionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False
        self.log_change(request, offer, f"État{NBSP}: {before} → {offer.get_status_display()}.")
        return True

    def _apply_to_all(self, request, queryset, verb):
        offers = list(queryset.select_related("company")[: BULK_LIMIT + 1])
        if len(offers) > BULK_LIMIT:
            self.message_user(request, f"Pas plus de {BULK_LIMIT}{NBSP}offres à la fois.", messages.ERROR)
            return
        if verb.method == "publish":
            offers = self._without_errors(request, offers)
        changed = [offer for offer in offers if self._apply(request, offer, verb)]
        if changed:
            self.message_user(request, f"{len(changed)}{NBSP}{verb.done[len(changed) > 1]}.", messages.SUCCESS)
        for offer in changed:
            self._warn(request, offer)

    def _without_errors(self, request, offers):
        """Return the offers in which the wording check finds no error; name the others, to be published one by one."""
        by_pk = {pk: wording.errors_in_text(findings) for pk, findings in wording.check_all(offers).items()}
        for offer in offers:
            if errors := by_pk[offer.pk]:
                points = ", ".join(dict.fromkeys(f"«{NBSP}{each.text or each.message}{NBSP}»" for each in errors))
                message = (
                    f"«{NBSP}{offer}{NBSP}» n’est pas publiée, le contrôle du texte y relève {points}{NBSP}: ouvrez "
                    "la fiche pour la corriger, ou la publier avec un motif."
                )
                self.message_user(request, message, messages.WARNING)
        return [offer for offer in offers if not by_pk[offer.pk]]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if self.has_change_permission(request, obj):
            possible = allowed(obj or Offer(), request.user)
            usable = [verb for verb in VERBS if verb.method in possible and (obj or verb.method in NEW)]
            context["verbs"] = [
                (verb.button, verb.transition.label) for verb in usable if not verb.transition.needs_reason
            ]
            context["can_justify"] = "publish" in possible
            context["reasoned_verbs"] = [
                (verb.button, verb.transition.label) for verb in usable if verb.transition.needs_reason
            ]
        form = context["adminform"].form
        if obj or form.is_bound:
            context["errors_in_text"] = form.errors_in_text
        if obj:
            context["events"] = obj.events.select_related("by", "requested_by", "on_behalf_of")[:MAX_EVENTS]
            context["given_justification"] = obj.justification() if obj.status == OfferStatus.SUBMITTED else ""
        context["state"] = self.state(obj) if obj else None
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_form(self, request, form, change):
        offer = super().save_form(request, form, change)
        # The methods that build the response have no form.
        offer.posted_verb = form.verb, form.verb_arguments if form.verb else {}
        return offer

    def response_add(self, request, obj, post_url_continue=None):
        return self._after_save(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._after_save(request, obj) or super().response_change(request, obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        offer = form.instance
        changed = set(form.changed_data) & set(MATERIAL) or any(formset.has_changed() for formset in formsets)
        if change and offer.status == OfferStatus.PUBLISHED and changed:
            offer.amend(request.user)

    def _after_save(self, request, offer):
        """Apply the verb of the button that was clicked, then warn the curator of problems."""
        verb, arguments = offer.posted_verb
        is_allowed = verb and self.has_change_permission(request, offer)
        if is_allowed and self._apply(request, offer, verb, **arguments):
            self.message_user(request, f"«{NBSP}{offer}{NBSP}» est enregistrée et {offer.get_status_display()}.")
        if verb is None and offer.status == OfferStatus.PUBLISHED and wording.errors_in_text(wording.check(offer)):
            self.message_user(
                request,
                f"«{NBSP}{offer}{NBSP}» est en ligne, et le contrôle du texte y relève des points à corriger.",
                messages.WARNING,
            )
        self._warn(request, offer)
        return verb and HttpResponseRedirect(reverse("admin:offers_offer_change", args=[offer.pk]))

    def _warn(self, request, offer):
        if offer.closed_at:
            return
        name = f"«{NBSP}{offer}{NBSP}»"
        if offer.status == OfferStatus.PUBLISHED and offer.company_id is None:
            self.message_user(
                request,
                f"{name} est publiée sans entreprise enregistrée. Un employeur anonyme doit être connu de l’éditeur "
                "du site (code du travail, art. L5332-2)\u00a0: indiquez l’entreprise, son nom restera caché.",
                messages.WARNING,
            )
        if offer.confidential and offer.company and wording.names_employer(offer):
            self.message_user(
                request,
                f"{name} est confidentielle, mais son texte contient le nom de l’employeur : "
                "tout le monde peut l’y lire.",
                messages.WARNING,
            )
        if offer.pay_min and offer.pay_max > WIDE_PAY * offer.pay_min:
            self.message_user(
                request,
                f"{name} a une fourchette de rémunération large "
                f"({thousands(offer.pay_min)}{NBSP}–{NBSP}{euros(offer.pay_max)})\u00a0: "
                "demandez à l’employeur de la resserrer.",
                messages.WARNING,
            )


def short_date(value) -> str:
    return date_format(timezone.localtime(value), "d/m/y")
