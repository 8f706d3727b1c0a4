from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from careers.models import MARKDOWN_HELP
from jobboard.admin_forms.accessible import LabelledInlineFormSet
from jobboard.admin_forms.autocomplete import SafeAutocompleteMixin
from jobboard.admin_forms.columns import render_cell
from jobboard.admin_forms.guarded import ConflictSafeAdmin
from jobboard.admin_forms.links import offers_link
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.text.numbers import counted
from jobboard.text.web_urls import web_host
from offers.companies import team
from offers.companies.enums import MemberRole
from offers.companies.forms import LogoField
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.companies.models.company import lock_companies
from offers.companies.team import TeamRefused
from offers.visibility import published_offer_count

MAX_EVENTS = 50  # Decisions listed on the page of a company.
MAX_OFFERS = 20  # Offers listed on this page.


class MembershipFormSet(LabelledInlineFormSet):
    """Validate that a company with members has an owner."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        remaining = [form for form in self.forms if form.instance.user_id and form not in self.deleted_forms]
        existing = [form for form in remaining if form.instance.pk]
        # The first member becomes the owner automatically: see Membership.save.
        if existing and not any(form.cleaned_data.get("role") == MemberRole.OWNER for form in remaining):
            raise ValidationError("Une entreprise qui a des membres garde au moins une personne propriétaire.")


class MembershipInline(SafeAutocompleteMixin, admin.TabularInline):
    model = Membership
    formset = MembershipFormSet
    fields = ["user", "role", "created_at"]
    readonly_fields = ["created_at"]
    autocomplete_fields = ["user"]
    extra = 0
    verbose_name_plural = "membres\u00a0: qui voit et gère les offres de l’entreprise"


class ReadOnlyInline(ReadOnlyAdminMixin, admin.TabularInline):
    """These rows are changed by the functions of `offers.companies.team`."""

    extra = 0
    can_delete = False
    show_change_link = False


class InvitationInline(ReadOnlyInline):
    model = Invitation
    fields = ["email", "role", "invited_by", "requested_at", "expires_at", "accepted_by", "accepted_at", "revoked_at"]
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("invited_by", "accepted_by")


class JoinRequestInline(ReadOnlyInline):
    model = JoinRequest
    fields = ["user", "message", "status", "created_at", "decided_by", "decided_at"]
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user", "decided_by")


class CompanyAdminForm(forms.ModelForm):
    logo = LogoField(label="Logo", required=False, widget=AdminFileWidget)


@admin.register(Company)
class CompanyAdmin(ConflictSafeAdmin):
    form = CompanyAdminForm
    list_display = ["name", "verified", "trusted", "kind", "sector", "size", "live_offers", "website_link"]
    list_filter = ["kind", "size", "trusted", ("verified_at", admin.EmptyFieldListFilter)]
    list_per_page = 50
    search_fields = ["name", "siret", "sector", "website"]
    search_help_text = "Nom, SIRET, secteur ou site."
    actions = ["verify", "unverify", "trust_companies", "distrust_companies"]
    inlines = [MembershipInline, InvitationInline, JoinRequestInline]
    readonly_fields = ["created_at", "all_offers", "verified_at", "verified_by", "trusted", "logo_preview"]
    fieldsets = [
        (None, {"fields": ["name", "other_names", ("kind", "size"), "sector", "website", "all_offers"]}),
        (
            "Vérification",
            {
                "fields": ["siret", ("verified_at", "verified_by"), "trusted"],
                "description": "Le badge et le droit de publier sans relecture se donnent et se retirent "
                "par une action de la liste. Un changement de nom ou de SIRET retire les deux.",
            },
        ),
        ("Présentation", {"fields": ["description", "logo_preview", "logo"]}),
        (
            "Sur le site",
            {
                "fields": ["slug", "created_at"],
                "classes": ["collapse"],
                "description": "L’adresse se déduit du nom quand elle est laissée vide.",
            },
        ),
    ]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        with transaction.atomic():
            if request.method == "POST":
                # Before the form is validated: the slug and the SIRET may be those of a person, and PostgreSQL logs the
                # values of a violated constraint.
                lock_companies()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)
        previous_logo = form.initial.get("logo")
        fields = {field.name for field in obj._meta.concrete_fields}.intersection(form.changed_data)
        if fields:
            # Save the changed fields only: a badge given meanwhile must not be overwritten.
            obj.save(update_fields=fields)
        if "logo" in fields and previous_logo:
            transaction.on_commit(lambda: obj.logo.storage.delete(previous_logo.name), robust=True)
        return None

    def delete_queryset(self, request, queryset):
        # One by one: Company.delete also deletes the logo.
        for company in queryset:
            company.delete()

    def has_trust_permission(self, request):
        return request.user.has_perm("companies.trust_company")

    @admin.action(description="Donner le badge «\u00a0vérifiée\u00a0»", permissions=["trust"])
    def verify(self, request, queryset):
        count = 0
        for company in queryset:
            if company.verify(request.user):
                count += 1
                self.log_change(request, company, "Badge donné.")
            else:
                message = (
                    f"{company}\u00a0: la fiche vient de changer, ou une autre entreprise vérifiée a ce SIRET. "
                    "Le badge n’est pas donné."
                )
                self.message_user(request, message, messages.WARNING)
        if count:
            companies = counted(count, "entreprise")
            self.message_user(request, f"Badge donné à {companies}, avec la date et votre nom.")

    @admin.action(description="Retirer le badge «\u00a0vérifiée\u00a0»", permissions=["trust"])
    def unverify(self, request, queryset):
        companies = queryset.filter(verified_at__isnull=False)
        for company in companies:
            company.unverify(request.user)
            self.log_change(request, company, "Badge retiré.")
        if companies:
            self.message_user(request, f"Badge retiré\u00a0: {', '.join(map(str, companies))}.")
        else:
            self.message_user(request, "Aucune de ces entreprises n’avait le badge.", messages.WARNING)

    @admin.action(description="Laisser publier sans relecture", permissions=["trust"])
    def trust_companies(self, request, queryset):
        self._set_trust(request, queryset, Company.trust, "publie désormais sans relecture")

    @admin.action(description="Relire avant de publier", permissions=["trust"])
    def distrust_companies(self, request, queryset):
        self._set_trust(request, queryset, Company.distrust, "est désormais relue avant de publier")

    def _set_trust(self, request, queryset, change, label):
        for company in queryset:
            # False if the company has this state already.
            if change(company, request.user):
                self.log_change(request, company, f"Décision\u00a0: {label}.")
                self.message_user(request, f"«\u00a0{company}\u00a0» {label}.", messages.SUCCESS)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            context["events"] = obj.events.select_related("by")[:MAX_EVENTS]
            if request.user.has_perm("offers.view_offer"):
                context["offers"] = obj.offers.order_by(F("waiting_since").asc(nulls_last=True), "-pk")[:MAX_OFFERS]
                context["other_offer_count"] = max(0, obj.offers.count() - MAX_OFFERS)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="vérifiée", boolean=True, ordering="verified_at")
    def verified(self, company):
        return company.verified_at is not None

    @admin.display(description="logo actuel")
    def logo_preview(self, company):
        if not company.logo:
            return None
        return render_cell("picture", company.logo.url, 96)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(live_offer_count=published_offer_count("company"))

    def get_form(self, request, obj=None, change=False, **kwargs):
        return super().get_form(request, obj, change, help_texts={"description": MARKDOWN_HELP}, **kwargs)

    @admin.display(description="offres en ligne", ordering="live_offer_count")
    def live_offers(self, company):
        return offers_link(company.live_offer_count, company__id__exact=company.pk, suivi="en-ligne")

    @admin.display(description="site", ordering="website")
    def website_link(self, company):
        return company.website and render_cell(
            "link",
            company.website,
            web_host(company.website),
            rel="noopener noreferrer",
        )

    @admin.display(description="offres")
    def all_offers(self, company):
        if not company.pk:
            return None
        total = company.offers.count()
        return render_cell(
            "company_offers",
            live=self.live_offers(company),
            every=offers_link(total, company__id__exact=company.pk),
            page=reverse("catalogue:list", query={"entreprise": company.slug}),
        )


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Requests to join a company, for staff to decide when no owner does."""

    list_display = ["user", "company", "status", "created_at", "decided_by", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["user", "company", "decided_by"]
    search_fields = ["user__email", "company__name"]
    fields = ["user", "company", "message", "status", "created_at", "decided_by", "decided_at"]
    readonly_fields = fields
    actions = ["accept", "decline"]

    def has_decide_permission(self, request):
        return request.user.has_perm("companies.add_membership")

    @admin.action(description="Accepter", permissions=["decide"])
    def accept(self, request, queryset):
        self._decide(request, queryset, True)

    @admin.action(description="Refuser", permissions=["decide"])
    def decline(self, request, queryset):
        self._decide(request, queryset, False)

    def _decide(self, request, queryset, accepted):
        count = 0
        for join_request in queryset.select_related("company"):
            try:
                team.decide_join_request(join_request.company, request.user, join_request.pk, accepted)
            except TeamRefused as error:
                self.message_user(request, f"{join_request}\u00a0: {error}", messages.WARNING)
            else:
                count += 1
        self.message_user(request, f"Demandes traitées\u00a0: {count}.")
