import re

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from careers.models import MARKDOWN_HELP
from jobboard.accessible import NamedRows
from jobboard.autocomplete import Autocompleting
from offers.admin.guarded import GuardedAdmin
from offers.admin.live import live_offers, offers_link
from offers.models import Company, Membership


class MembershipInline(Autocompleting, admin.TabularInline):
    model = Membership
    formset = NamedRows
    autocomplete_fields = ["user"]
    extra = 0
    verbose_name_plural = "membres\u00a0: qui voit et gère les offres de l’entreprise"


@admin.register(Company)
class CompanyAdmin(GuardedAdmin):
    list_display = ["name", "kind", "sector", "size", "live", "website_link"]
    list_filter = ["kind", "size"]
    list_per_page = 50
    search_fields = ["name", "sector", "website"]
    search_help_text = "Nom, secteur ou site."
    inlines = [MembershipInline]
    readonly_fields = ["created_at", "all_offers"]
    fieldsets = [
        (None, {"fields": ["name", ("kind", "size"), "sector", "website", "all_offers"]}),
        ("Présentation", {"fields": ["description"]}),
        (
            "Sur le site",
            {
                "fields": ["slug", "created_at"],
                "classes": ["collapse"],
                "description": "L’adresse se déduit du nom quand elle est laissée vide.",
            },
        ),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(live_number=live_offers("company"))

    def get_form(self, request, obj=None, change=False, **kwargs):
        return super().get_form(request, obj, change, help_texts={"description": MARKDOWN_HELP}, **kwargs)

    @admin.display(description="offres en ligne", ordering="live_number")
    def live(self, company):
        return offers_link(company.live_number, company__id__exact=company.pk, suivi="en-ligne")

    @admin.display(description="site", ordering="website")
    def website_link(self, company):
        return company.website and format_html(
            '<a href="{}" rel="noopener noreferrer">{}</a>',
            company.website,
            re.sub(r"^https?://(www\.)?|/$", "", company.website),
        )

    @admin.display(description="offres")
    def all_offers(self, company):
        if not company.pk:
            return None
        number = company.offers.count()
        return format_html(
            "{} en ligne, {} en tout · {}",
            self.live(company),
            offers_link(number, company__id__exact=company.pk),
            format_html(
                '<a href="{}?{}">page publique</a>', reverse("offers:list"), urlencode({"entreprise": company.slug})
            ),
        )
