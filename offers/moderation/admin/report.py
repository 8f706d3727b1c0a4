from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jobboard.admin_forms.columns import render_cell
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.text.numbers import counted
from offers.models import Offer, TransitionRefused
from offers.moderation.enums import ReportDecision
from offers.moderation.models import Report
from offers.moderation.reporting.decide import AlreadyDecided, decide

BULK_LIMIT = 100


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label="Décision",
        choices=[
            (ReportDecision.NONE, "Rien à corriger\u00a0: l’offre reste comme elle est"),
            (ReportDecision.CORRECT, "À corriger\u00a0: l’offre est renvoyée à l’entreprise"),
            (ReportDecision.REMOVE, "Supprimer l’offre du site"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisir une décision."},
    )
    statement = forms.CharField(
        label="Raisons",
        max_length=3_000,
        widget=admin.widgets.AdminTextareaWidget(attrs={"rows": 6}),
        help_text="Envoyées à l’auteur du signalement et à l’entreprise. N’y nommez pas l’auteur du signalement.",
    )


class WaitingFilter(admin.SimpleListFilter):
    """Filter by decision; by default, show the waiting reports only."""

    title = "suite"
    parameter_name = "suite"

    def lookups(self, request, model_admin):
        return [("decides", "décidés"), ("tous", "tous")]

    def choices(self, changelist):
        selected = self.value()
        yield {"selected": selected is None, "query_string": changelist.get_query_string(remove=["suite"]),
               "display": "en attente"}  # fmt: skip
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({"suite": value})
            yield {"selected": selected == value, "query_string": query, "display": title}

    def queryset(self, request, queryset):
        if self.value() == "decides":
            return queryset.exclude(decision="")
        return queryset if self.value() == "tous" else queryset.waiting()


@admin.register(Report)
class ReportAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Reports of offers, the oldest first. One decision applies to all reports of an offer."""

    list_display = ["created_at", "offer_link", "reason", "excerpt", "waiting_on_offer", "decision", "decided_by"]
    list_display_links = ["created_at"]
    list_filter = [WaitingFilter, "reason", "decision"]
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = ["offer__title", "offer__company__name", "explanation"]
    ordering = ["created_at", "pk"]
    actions = ["decide_selected"]
    fieldsets = [
        ("Le signalement", {"fields": ["offer_link", "reason", "explanation", "name", "email", "created_at"]}),
        ("La décision", {"fields": ["decision", "statement", "decided_at", "decided_by"]}),
    ]
    readonly_fields = ["offer_link", "created_at", "decision", "statement", "decided_at", "decided_by"]
    change_form_template = "admin/moderation/decidable_change_form.html"

    def has_decide_permission(self, request):
        return request.user.has_perm("offers.moderate_offer")

    def get_queryset(self, request):
        return (
            super().get_queryset(request).select_related("offer__company", "offer__place", "decided_by")
        ).with_waiting_on_offer()

    @admin.display(description="offre", ordering="offer__title")
    def offer_link(self, report):
        link = render_cell("link", report.offer.get_absolute_url(), report.offer.title)
        return render_cell("lines", link, report.offer.employer_line)

    @admin.display(description="explication")
    def excerpt(self, report):
        text = " ".join(report.explanation.split())
        return text if len(text) <= 120 else f"{text[:119]}…"

    @admin.display(description="en attente sur l’offre", ordering="waiting_on_offer")
    def waiting_on_offer(self, report):
        return report.waiting_on_offer

    def get_urls(self):
        decide_view = self.admin_site.admin_view(self.decide_view)
        return [path("decider/", decide_view, name="moderation_report_decide"), *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj and not obj.decision and self.has_decide_permission(request):
            context["decide_url"] = f"{reverse('admin:moderation_report_decide')}?offre={obj.offer_id}"
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.action(description="Décider…", permissions=["decide"])
    def decide_selected(self, request, queryset):
        offers = sorted(set(queryset.waiting().values_list("offer_id", flat=True)))
        if not offers:
            self.message_user(request, "Ces signalements ont déjà leur décision.", messages.WARNING)
            return None
        if len(offers) > BULK_LIMIT:
            self.message_user(request, f"Pas plus de {BULK_LIMIT}\u00a0offres à la fois.", messages.ERROR)
            return None
        query = "&".join(f"offre={pk}" for pk in offers)
        return HttpResponseRedirect(f"{reverse('admin:moderation_report_decide')}?{query}")

    def decide_view(self, request):
        """Apply one decision, with its reasons, to the waiting reports of the offers in the query string."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        pks = [pk for pk in request.GET.getlist("offre")[:BULK_LIMIT] if pk.isdecimal() and len(pk) < 19]
        waiting = Report.objects.waiting().filter(offer__in=pks).select_related("offer__company", "offer__place")
        by_offer: dict[Offer, list[Report]] = {}
        for report in waiting.oldest_first():
            by_offer.setdefault(report.offer, []).append(report)
        if not by_offer:
            self.message_user(request, "Ces signalements ont déjà leur décision.", messages.WARNING)
            return redirect("admin:moderation_report_changelist")
        form = DecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            for offer in by_offer:
                self._decide(request, offer, form)
            return redirect("admin:moderation_report_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": "Décider de signalements",
            "opts": self.opts,
            "form": form,
            "by_offer": by_offer.items(),
            "list_url": reverse("admin:moderation_report_changelist"),
        }
        return TemplateResponse(request, "admin/moderation/report/decide.html", context)

    def _decide(self, request, offer, form):
        decision = ReportDecision(form.cleaned_data["decision"])
        try:
            count = decide(offer, decision, request.user, form.cleaned_data["statement"])
        except AlreadyDecided:
            self.message_user(
                request, f"«\u00a0{offer.title}\u00a0»\u00a0: une autre personne vient de décider.", messages.WARNING
            )
        except TransitionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            reports = counted(count, "signalement")
            message = f"«\u00a0{offer.title}\u00a0»\u00a0: {decision.label} ({reports})."
            self.message_user(request, message, messages.SUCCESS)
