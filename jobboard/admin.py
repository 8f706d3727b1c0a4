"""The admin's frame: what waits on its front page, the order of its rooms, who signs in and how.

Each room registers its own models in its own `admin` module; only those of libraries are dressed here.
"""

from datetime import timedelta
from typing import NamedTuple

from allauth.account.decorators import secure_admin_login
from allauth.account.utils import get_next_redirect_url
from django.apps import apps
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

from careers.models import Role
from jobboard.accounts import factors
from jobboard.contact.models import Lead
from jobboard.privacy import registry as personal
from jobboard.privacy.registry import unnamed
from offers.enums import Status
from offers.models import Offer
from offers.models.watchlists import watched
from offers.moderation.models import Report

# The sidebar, by how often a room is used. Models that are not named come after, by name.
APPS = ["offers", "careers", "contact", "accounts", "privacy", "django_q"]
MODELS = [
    "Offer",
    "Application",
    "Report",
    "Company",
    "JoinRequest",
    "Skill",
    "SynonymSet",
    "WordingTerm",
    "Place",
    "Role",
    "Lead",
    "User",
    "Group",
    "Failure",
    "OrmQ",
    "Schedule",
    "Success",
]
# Groups belong beside the people who are in them.
SHOWN_UNDER = {
    "auth": "accounts",
    **dict.fromkeys(["places", "companies", "search", "catalogue", "alerts", "applications", "moderation"], "offers"),
}
# Parts of a person, shown on the person’s page; the secrets of second factors are for nobody’s eyes.
HIDDEN = {
    *("account.emailaddress", "account.emailconfirmation", "mfa.authenticator", "usersessions.usersession"),
}
NAMES = {
    "Failure": "Tâches échouées",
    "OrmQ": "Tâches en attente",
    "Schedule": "Tâches planifiées",
    "Success": "Tâches réussies",
}


# Stands for the query of what has a page of its own; and when somebody has waited for too long.
MODERATION = {"moderation": ""}
LATE = timedelta(days=2)


class Waiting(NamedTuple):
    """Something that waits for a curator: how many, what, and the list of them."""

    count: int
    label: str
    url: str
    late: bool


class SiteAdmin(admin.AdminSite):
    site_header = "Administration de Jobboard"
    site_title = "Jobboard"
    index_title = "À faire"
    empty_value_display = "–"

    def has_permission(self, request):
        return super().has_permission(request) and not factors.is_missing(request)

    def login(self, request, extra_context=None):
        """One door for everybody, so that its limit of attempts holds for the admin too."""
        if super().has_permission(request) and factors.is_missing(request):
            messages.warning(request, "L’administration s’ouvre avec une double authentification.")
            then = get_next_redirect_url(request) or reverse("admin:index")
            return redirect(factors.way_to_show(request, then))
        return secure_admin_login(super().login)(request, extra_context)

    def register(self, model_or_iterable, admin_class=None, **options):
        """As usual, but for what libraries register: curators need none of it, and superusers read it in French."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        for model in models:
            label = model._meta.label_lower
            if label in HIDDEN:
                continue
            over = [QUEUE[label]] if label in QUEUE else []
            bases = (*over, Discreet, admin_class or admin.ModelAdmin)
            super().register(model, type(bases[-1].__name__, bases, {"__module__": bases[-1].__module__}), **options)

    def get_app_list(self, request, app_label=None):
        rooms = self._build_app_dict(request)
        for guest, host in SHOWN_UNDER.items():
            if guest in rooms and host in rooms:
                rooms[host]["models"] += rooms.pop(guest)["models"]
        if app_label is not None:
            shown = SHOWN_UNDER.get(app_label, app_label)
            shown = shown if shown in rooms else app_label
            rooms = {label: room for label, room in rooms.items() if label == shown}
        for room in rooms.values():
            for model in room["models"]:
                model["name"] = NAMES.get(model["object_name"], model["name"])
            room["models"].sort(key=lambda model: (rank(MODELS, model["object_name"]), model["name"]))
        return sorted(rooms.values(), key=lambda room: (rank(APPS, room["app_label"]), room["name"].lower()))

    def index(self, request, extra_context=None):
        return super().index(request, {"waiting": self.waiting(request), **(extra_context or {})})

    def app_index(self, request, app_label, extra_context=None):
        # Django’s own title would be “Administration de Offres d’emploi”.
        title = apps.get_app_config(SHOWN_UNDER.get(app_label, app_label)).verbose_name
        return super().app_index(request, app_label, {"title": title, **(extra_context or {})})

    def waiting(self, request) -> list[Waiting]:
        """What waits, as far as this person may see it. A query a line."""
        now = timezone.now()
        offers = Offer.objects.order_by()
        lines = [
            (Lead, ("nouvelle demande de recruteur", "nouvelles demandes de recruteurs"),
                Lead.objects.new(), {"status__exact": Lead.Status.NEW.value}, False),
            (Offer, ("offre à relire", "offres à relire"), offers.waiting(), MODERATION, False),
            (Offer, ("offre en brouillon", "offres en brouillon"),
                offers.filter(status=Status.DRAFT), {"status__exact": Status.DRAFT.value}, False),
            (Role, ("fiche métier en brouillon", "fiches métiers en brouillon"),
                Role.objects.filter(status=Role.Status.DRAFT), {"status__exact": Role.Status.DRAFT.value}, False),
            (Offer, ("offre expire sous 7\u00a0jours", "offres expirent sous 7\u00a0jours"),
                watched(offers, "expire-bientot", now), {"suivi": "expire-bientot"}, False),
            (Offer, ("offre sans entreprise enregistrée", "offres sans entreprise enregistrée"),
                watched(offers, "sans-entreprise", now), {"suivi": "sans-entreprise"}, True),
            (Report, ("signalement attend une décision", "signalements attendent une décision"),
                Report.objects.waiting(), {}, True),
            (Lead, ("demande dont un e-mail n’est jamais parti", "demandes dont un e-mail n’est jamais parti"),
                Lead.objects.mail_given_up(), {"mails": "abandon"}, True),
            (Lead, ("demande à effacer, dossier trop ancien", "demandes à effacer, dossiers trop anciens"),
                Lead.objects.past_retention(now), {"conservation": "depassee"}, True),
        ]  # fmt: skip
        if request.user.is_superuser:
            failure = next((model for model in self._registry if model._meta.label_lower == "django_q.failure"), None)
            lines.append((failure, ("tâche échouée", "tâches échouées"), failure.objects.all(), {}, True))
        found = []
        for model, names, rows, query, late in lines:
            if model in self._registry and self._registry[model].has_view_or_change_permission(request):
                count = rows.count()
                if count:
                    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                    if query is MODERATION:
                        if not request.user.has_perm("offers.moderate_offer"):
                            continue
                        url, since = (
                            reverse("admin:offers_offer_moderation"),
                            timezone.localtime(rows.first().waiting_since),
                        )
                        label = f"{names[count > 1]}, la plus ancienne depuis le {date_format(since, 'j F')}"
                        found.append(Waiting(count, label, url, since < now - LATE))
                        continue
                    url = f"{url}?{urlencode(query)}" if query else url
                    found.append(Waiting(count, names[count > 1], url, late))
        return found


class Discreet:
    """Mixed into the admin of every model: its history outlives what it is about, so it names nobody."""

    def log_addition(self, request, obj, message):
        return super().log_addition(request, unnamed(obj), message)

    def log_change(self, request, obj, message):
        return super().log_change(request, unnamed(obj), message)

    def log_deletions(self, request, queryset):
        return super().log_deletions(request, [unnamed(row) for row in queryset])

    def construct_change_message(self, request, form, formsets, add=False):
        message = super().construct_change_message(request, form, formsets, add)
        people = {str(part.model._meta.verbose_name) for part in personal.parts()}
        for change in (change for entry in message for change in entry.values()):
            if change.get("name") in people:
                change["object"] = "–"
        return message


def rank(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


# The task queue (django-q2), for superusers. Mixed into the library's own classes as it registers them. ---------------


def moment(value):
    return value and date_format(timezone.localtime(value), "d/m/Y H:i:s")


class QueueAdmin:
    """To read: tasks are made by the code."""

    actions = []
    list_filter = []
    list_display_links = None

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return self.fields

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    @admin.display(description="nom", ordering="name")
    def label(self, obj):
        return obj.name() if callable(obj.name) else obj.name

    @admin.display(description="fonction", ordering="func")
    def function(self, obj):
        return obj.func() if callable(obj.func) else obj.func

    @admin.display(description="arguments")
    def arguments(self, obj):
        args = obj.args() if callable(obj.args) else obj.args
        return ", ".join(map(str, args or ())) if isinstance(args, (list, tuple)) else args


class TaskAdmin(QueueAdmin):
    list_display = ["label", "function", "arguments", "start", "duration", "tries"]
    list_display_links = ["label"]
    fields = ["label", "function", "arguments", "start", "duration", "tries", "outcome"]
    search_fields = ["name", "func"]

    @admin.display(description="commencée le", ordering="started")
    def start(self, task):
        return moment(task.started)

    @admin.display(description="durée")
    def duration(self, task):
        return f"{task.time_taken():.1f}\u00a0s".replace(".", ",")

    @admin.display(description="essais", ordering="attempt_count")
    def tries(self, task):
        return task.attempt_count

    @admin.display(description="résultat")
    def outcome(self, task):
        return task.result


class FailureAdmin(TaskAdmin):
    list_display = ["label", "function", "arguments", "start", "tries", "error"]
    actions = ["resubmit"]

    @admin.display(description="erreur")
    def error(self, task):
        return str(task.result or "").partition("\n")[0][:120]

    @admin.action(description="Remettre dans la file", permissions=["delete"])
    def resubmit(self, request, queryset):
        # Here, since the library's module registers with this site while this one is being imported.
        from django_q.admin import resubmit_task

        number = queryset.count()
        resubmit_task(self, request, queryset)
        tasks = "tâche remise" if number == 1 else "tâches remises"
        self.message_user(request, f"{number}\u00a0{tasks} dans la file.")


class ScheduleAdmin(QueueAdmin):
    list_display = ["label", "function", "rhythm", "next_start"]
    fields = ["label", "function", "arguments", "rhythm", "next_start"]
    list_display_links = ["label"]

    @admin.display(description="rythme", ordering="schedule_type")
    def rhythm(self, schedule):
        if schedule.schedule_type == schedule.MINUTES:
            return f"toutes les {schedule.minutes}\u00a0minutes"
        return schedule.get_schedule_type_display()

    @admin.display(description="prochaine fois", ordering="next_run")
    def next_start(self, schedule):
        return moment(schedule.next_run)


class QueuedAdmin(QueueAdmin):
    list_display = ["waiting_label", "waiting_function", "arguments", "held"]
    fields = list_display
    list_display_links = ["waiting_label"]

    @admin.display(description="nom")
    def waiting_label(self, queued):
        return queued.name()

    @admin.display(description="fonction")
    def waiting_function(self, queued):
        return queued.func()

    @admin.display(description="prise jusqu’au", ordering="lock")
    def held(self, queued):
        return moment(queued.lock)


QUEUE = {
    "django_q.success": TaskAdmin,
    "django_q.failure": FailureAdmin,
    "django_q.schedule": ScheduleAdmin,
    "django_q.ormq": QueuedAdmin,
}
