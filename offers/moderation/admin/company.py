"""The admin of changes proposed by companies: differences, findings of the wording check, and the decision."""

from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from jobboard.admin_forms.columns import render_cell
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from offers.companies.models import Company, CompanyRevision
from offers.companies.models.revision import CHECKED_TEXTS
from offers.models.versions import Difference
from offers.moderation import wording
from offers.moderation.admin.decisions import is_pk
from offers.moderation.wording import terms
from offers.moderation.wording.terms import CompiledTerms
from offers.revisions import REASON_LENGTH

# Changes on the page of one decision.
BULK_LIMIT = 50
ACCEPT, DECLINE = "accept", "decline"


class RevisionDecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label="Décision",
        choices=[
            (ACCEPT, "Accepter\u00a0: la fiche montre le changement"),
            (DECLINE, "Refuser\u00a0: la fiche reste comme elle est"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisir une décision."},
    )
    reason = forms.CharField(
        label="Motif d’un refus",
        max_length=REASON_LENGTH,
        required=False,
        widget=admin.widgets.AdminTextareaWidget(attrs={"rows": 6}),
        help_text="Envoyé à l’entreprise, qui le lit aussi sur sa fiche.",
    )

    def clean(self):
        data = super().clean()
        if data.get("decision") == DECLINE and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Indiquez le motif\u00a0: l’entreprise le lira.")
        return data


class RevisionCase(NamedTuple):
    """A waiting change of a company: the differences of its texts, and findings with the label of their field."""

    revision: CompanyRevision
    differences: list[Difference]
    findings: list[tuple[str, wording.Finding]]
    logo_url: str


def build_revision_case(revision: CompanyRevision, compiled: CompiledTerms) -> RevisionCase:
    return RevisionCase(
        revision,
        [
            Difference(name, _label(name), getattr(revision.company, name), value)
            for name, value in revision.changes.items()
            if name != "logo"
        ],
        [(_label(finding.field), finding) for finding in _findings(revision, compiled)],
        default_storage.url(revision.changes["logo"]) if revision.changes.get("logo") else "",
    )


def _findings(revision: CompanyRevision, compiled: CompiledTerms | None = None) -> list[wording.Finding]:
    texts = {name: value for name, value in revision.changes.items() if name in CHECKED_TEXTS}
    return wording.check_texts(texts, compiled)


def _label(name: str) -> str:
    return str(Company._meta.get_field(name).verbose_name)


class RevisionChangeList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        compiled = terms.load_terms()
        for revision in self.result_list:
            revision.compiled_terms = compiled


@admin.register(CompanyRevision)
class CompanyRevisionAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Changes of companies; the page `decider/` shows some of them and decides on them alike."""

    list_display = ["company", "created_at", "by", "proposed", "findings", "status"]
    list_filter = ["status"]
    list_select_related = ["company", "by"]
    list_per_page = 50
    search_fields = ["company__name"]
    fields = [
        *("company", "current", "proposed", "logo", "findings", "justification"),
        *("by", "created_at", "status", "decided_at", "reason"),
    ]
    readonly_fields = fields
    actions = ["accept", "decline"]
    change_form_template = "admin/moderation/decidable_change_form.html"

    def has_decide_permission(self, request):
        return request.user.has_perm("offers.moderate_offer")

    @admin.display(description="aujourd’hui")
    def current(self, revision):
        return _lines({name: getattr(revision.company, name) for name in revision.changes if name != "logo"})

    @admin.display(description="proposé")
    def proposed(self, revision):
        return _lines({name: value for name, value in revision.changes.items() if name != "logo"})

    @admin.display(description="logo proposé")
    def logo(self, revision):
        path = revision.changes.get("logo")
        return render_cell("picture", default_storage.url(path), 96) if path else "–"

    @admin.display(description="contrôle du texte")
    def findings(self, revision):
        # The list loads the terms once for all rows.
        findings = _findings(revision, getattr(revision, "compiled_terms", None))
        return _paragraphs(f"{each.message}\u00a0: {each.text}" for each in findings)

    def get_changelist(self, request, **kwargs):
        return RevisionChangeList

    def get_urls(self):
        view = self.admin_site.admin_view(never_cache(self.decide_view))
        return [path("decider/", view, name="companies_companyrevision_decide"), *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj and obj.decided_at is None and self.has_decide_permission(request):
            context["decide_url"] = _decide_url([obj.pk])
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.action(description="Accepter les changements sélectionnés", permissions=["decide"])
    def accept(self, request, queryset):
        self._decide(request, queryset, ACCEPT)

    @admin.action(description="Refuser les changements sélectionnés…", permissions=["decide"])
    def decline(self, request, queryset):
        """Ask for the reason on the page of the decision."""
        pks = list(queryset.waiting().values_list("pk", flat=True)[: BULK_LIMIT + 1])
        if len(pks) > BULK_LIMIT:
            self.message_user(request, f"Pas plus de {BULK_LIMIT}\u00a0changements à la fois.", messages.ERROR)
            return None
        return HttpResponseRedirect(f"{_decide_url(pks)}&decision={DECLINE}") if pks else self._none_waits(request)

    def decide_view(self, request):
        """Apply one decision to the waiting changes that the query string names."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        pks = [pk for pk in request.GET.getlist("changement")[:BULK_LIMIT] if is_pk(pk)]
        waiting = list(CompanyRevision.objects.waiting().filter(pk__in=pks).select_related("company", "by"))
        if not waiting:
            return self._none_waits(request)
        form = RevisionDecisionForm(request.POST or None, initial={"decision": request.GET.get("decision")})
        if request.method == "POST" and form.is_valid():
            self._decide(request, waiting, form.cleaned_data["decision"], form.cleaned_data["reason"])
            return redirect("admin:companies_companyrevision_changelist")
        compiled = terms.load_terms()
        context = {
            **self.admin_site.each_context(request),
            "title": "Décider de changements",
            "opts": self.opts,
            "form": form,
            "cases": [build_revision_case(revision, compiled) for revision in waiting],
            "list_url": reverse("admin:companies_companyrevision_changelist"),
        }
        return TemplateResponse(request, "admin/companies/companyrevision/decide.html", context)

    def _none_waits(self, request):
        self.message_user(request, "Ces changements n’attendent plus de décision.", messages.WARNING)
        return redirect("admin:companies_companyrevision_changelist")

    def _decide(self, request, revisions, decision, reason=""):
        label = {ACCEPT: "accepté", DECLINE: "refusé"}[decision]
        for revision in revisions:
            if revision.accept() if decision == ACCEPT else revision.decline(reason):
                self.log_change(request, revision, f"Changement {label}.")
                self.message_user(request, f"{revision.company}\u00a0: changement {label}.", messages.SUCCESS)
            else:
                message = f"{revision.company}\u00a0: ce changement n’attend plus de décision."
                self.message_user(request, message, messages.WARNING)


def _decide_url(pks: list[int]) -> str:
    return reverse("admin:companies_companyrevision_decide", query={"changement": pks})


def _lines(values: dict) -> str:
    """Return the values of fields of a company, one a line with its label."""
    return _paragraphs(f"{_label(name)}\u00a0: {value or '–'}" for name, value in values.items())


def _paragraphs(texts) -> str:
    texts = list(texts)
    return render_cell("paragraphs", *texts) if texts else "–"
