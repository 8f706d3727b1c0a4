"""The admin site: its to-do list, the order of apps and models, login with a second factor, and the task queue.

Each app registers its models in its own `admin` module; only the models of django-q2 are customized here.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from allauth.account.decorators import secure_admin_login
from allauth.account.utils import get_next_redirect_url
from django.apps import apps
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from careers.models import Role
from jobboard.accounts import factors
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.contact.enums import ContactSubject, LeadStatus
from jobboard.contact.models import Lead
from jobboard.mail.models import OutboxMessage
from jobboard.privacy import registry
from jobboard.privacy.models import FileDeletion
from jobboard.privacy.registry import anonymized
from jobboard.text.numbers import counted
from offers.applications.models import Application
from offers.companies.models import CompanyRevision
from offers.enums import OfferStatus
from offers.models import Offer
from offers.models.watchlists import filter_watchlist
from offers.moderation import backlog
from offers.moderation.models import Report

# Order of the sidebar, by frequency of use. Apps and models that are not listed follow, by name.
APP_ORDER = ["offers", "careers", "contact", "accounts", "mail", "privacy", "django_q"]
MODEL_ORDER = [
    "Offer",
    "Application",
    "Report",
    "Company",
    "JoinRequest",
    "CompanyRevision",
    "Skill",
    "SynonymSet",
    "WordingTerm",
    "Place",
    "Role",
    "Lead",
    "OutboxMessage",
    "User",
    "Group",
    "Failure",
    "OrmQ",
    "Schedule",
    "Success",
]
# Apps whose models are listed under another app.
MERGED_APPS = {
    "auth": "accounts",
    **dict.fromkeys(["places", "companies", "search", "catalogue", "alerts", "applications", "moderation"], "offers"),
}
# Details of an account, summarized on the page of the user; second factors contain secrets.
HIDDEN_MODELS = {
    *("account.emailaddress", "account.emailconfirmation", "mfa.authenticator", "usersessions.usersession"),
}
MODEL_NAMES = {
    "Failure": "Tâches échouées",
    "OrmQ": "Tâches en attente",
    "Schedule": "Tâches planifiées",
    "Success": "Tâches réussies",
}


class TodoItem(NamedTuple):
    """A line of the to-do list: count and French label of the rows to process, and the URL of their list."""

    count: int
    label: str
    url: str
    late: bool


class Rows(NamedTuple):
    """Rows of which only the count is known, from a query that counts several lines of the to-do list."""

    count: Callable[[], int]


class SiteAdmin(admin.AdminSite):
    site_header = "Administration de Jobboard"
    site_title = "Jobboard"
    index_title = "À faire"
    empty_value_display = "–"

    def has_permission(self, request):
        return super().has_permission(request) and not request.user.is_second_factor_missing

    def login(self, request, extra_context=None):
        """Log in through the site’s login page, whose rate limit then covers the admin too."""
        if super().has_permission(request) and request.user.is_second_factor_missing:
            messages.warning(request, "L’accès à l’administration demande une double authentification.")
            next_url = get_next_redirect_url(request) or reverse("admin:index")
            return redirect(factors.second_factor_url(request, next_url))
        return secure_admin_login(super().login)(request, extra_context)

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register models with an anonymized log; hide some models of libraries and customize those of django-q2."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        for model in models:
            label = model._meta.label_lower
            if label in HIDDEN_MODELS:
                continue
            mixins = [TASK_QUEUE_ADMINS[label]] if label in TASK_QUEUE_ADMINS else []
            bases = (*mixins, AnonymizedLogMixin, admin_class or admin.ModelAdmin)
            super().register(model, type(bases[-1].__name__, bases, {"__module__": bases[-1].__module__}), **options)

    def get_app_list(self, request, app_label=None):
        app_dict = self._build_app_dict(request)
        for source, target in MERGED_APPS.items():
            if source in app_dict and target in app_dict:
                app_dict[target]["models"] += app_dict.pop(source)["models"]
        if app_label is not None:
            label = MERGED_APPS.get(app_label, app_label)
            label = label if label in app_dict else app_label
            app_dict = {label: app_dict[label]} if label in app_dict else {}
        for app in app_dict.values():
            for model in app["models"]:
                model["name"] = MODEL_NAMES.get(model["object_name"], model["name"])
            app["models"].sort(key=lambda model: (position(MODEL_ORDER, model["object_name"]), model["name"]))
        return sorted(app_dict.values(), key=lambda app: (position(APP_ORDER, app["app_label"]), app["name"].lower()))

    def index(self, request, extra_context=None):
        return super().index(request, {"todo": self.todo(request), **(extra_context or {})})

    def app_index(self, request, app_label, extra_context=None):
        # Django’s default title would be “Administration de Offres d’emploi”.
        title = apps.get_app_config(MERGED_APPS.get(app_label, app_label)).verbose_name
        return super().app_index(request, app_label, {"title": title, **(extra_context or {})})

    def todo(self, request) -> list[TodoItem]:
        """Return the to-do list: the lines with rows that the user may process. At most one query per line."""
        now = timezone.now()
        offers = Offer.objects.order_by()
        requests = cache(lambda: Lead.objects.count_open(now))
        lines = [
            (Lead, ("nouvelle demande de recruteur", "nouvelles demandes de recruteurs"),
                Rows(lambda: requests()["recruiters"]),
                {"status__exact": LeadStatus.NEW.value, "sujet": ContactSubject.RECRUITER.value}, False),
            (Lead, ("nouveau message sur un autre sujet", "nouveaux messages sur d’autres sujets"),
                Rows(lambda: requests()["others"]),
                {"status__exact": LeadStatus.NEW.value, "sujet": "sauf-recruteurs"}, False),
            (Offer, backlog.OFFERS),
            (Offer, ("offre en brouillon", "offres en brouillon"),
                offers.filter(status=OfferStatus.DRAFT), {"status__exact": OfferStatus.DRAFT.value}, False),
            (Role, ("fiche métier en brouillon", "fiches métiers en brouillon"),
                Role.objects.filter(status=Role.Status.DRAFT), {"status__exact": Role.Status.DRAFT.value}, False),
            (Offer, ("offre expire sous 7\u00a0jours", "offres expirent sous 7\u00a0jours"),
                filter_watchlist(offers, "expire-bientot", now), {"suivi": "expire-bientot"}, False),
            (Offer, ("offre sans entreprise enregistrée", "offres sans entreprise enregistrée"),
                filter_watchlist(offers, "sans-entreprise", now), {"suivi": "sans-entreprise"}, True),
            (Report, backlog.REPORTS),
            (CompanyRevision, backlog.COMPANIES),
            (OutboxMessage, ("e-mail n’est jamais parti", "e-mails ne sont jamais partis"),
                OutboxMessage.objects.given_up(), {"etat": "abandon"}, True),
            (Application, ("CV n’a pas pu être vérifié", "CV n’ont pas pu être vérifiés"),
                Application.objects.cv_failing(), {"cv": "failing"}, True),
            (FileDeletion, ("fichier reste à effacer", "fichiers restent à effacer"),
                FileDeletion.objects.failing(), {"attempts__gt": 0}, True),
            (Lead, ("demande à effacer, dossier trop ancien", "demandes à effacer, dossiers trop anciens"),
                Rows(lambda: requests()["past_retention"]), {"conservation": "depassee"}, True),
        ]  # fmt: skip
        if request.user.is_superuser:
            failure = next((model for model in self._registry if model._meta.label_lower == "django_q.failure"), None)
            lines.append((failure, ("tâche échouée", "tâches échouées"), failure.objects.all(), {}, True))
        items = (
            _backlog_item(line[0], now) if isinstance(line[0], backlog.BacklogSource) else _todo_item(model, *line)
            for model, *line in lines
            if self._may_process(request, model, *line)
        )
        return [item for item in items if item]

    def _may_process(self, request, model, source, *line) -> bool:
        may_view = model in self._registry and self._registry[model].has_view_or_change_permission(request)
        is_moderated = isinstance(source, backlog.BacklogSource)
        return may_view and (not is_moderated or request.user.has_perm("offers.moderate_offer"))


def _backlog_item(source: backlog.BacklogSource, now: datetime) -> TodoItem | None:
    items = source.read(now)
    return items and TodoItem(items.count, items.label, items.url, items.is_late)


def _todo_item(model, names: tuple[str, str], rows, query: dict, late: bool) -> TodoItem | None:
    if not (count := rows.count()):
        return None
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=query or None)
    return TodoItem(count, names[count > 1], url, late)


class AnonymizedLogMixin:
    """Keep personal data out of the admin’s log, whose entries outlive the rows. Mixed into every ModelAdmin."""

    def log_addition(self, request, obj, message):
        return super().log_addition(request, anonymized(obj), message)

    def log_change(self, request, obj, message):
        return super().log_change(request, anonymized(obj), message)

    def log_deletions(self, request, queryset):
        return super().log_deletions(request, [anonymized(row) for row in queryset])

    def construct_change_message(self, request, form, formsets, add=False):
        message = super().construct_change_message(request, form, formsets, add)
        model_names = {str(source.model._meta.verbose_name) for source in registry.sources()}
        for change in (change for entry in message for change in entry.values()):
            if change.get("name") in model_names:
                change["object"] = "–"
        return message


def position(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


# The task queue (django-q2), for superusers. `register` mixes these classes into those of the library. ----------------


def format_datetime(value):
    return value and date_format(timezone.localtime(value), "d/m/Y H:i:s")


class TaskQueueMixin(ReadOnlyAdminMixin):
    """Tasks are created by code."""

    actions = []
    list_filter = []
    list_display_links = None

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_module_permission(request)

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


class TaskMixin(TaskQueueMixin):
    list_display = ["label", "function", "arguments", "start", "duration", "tries"]
    list_display_links = ["label"]
    fields = ["label", "function", "arguments", "start", "duration", "tries", "outcome"]
    search_fields = ["name", "func"]

    @admin.display(description="commencée le", ordering="started")
    def start(self, task):
        return format_datetime(task.started)

    @admin.display(description="durée")
    def duration(self, task):
        return f"{task.time_taken():.1f}\u00a0s".replace(".", ",")

    @admin.display(description="essais", ordering="attempt_count")
    def tries(self, task):
        return task.attempt_count

    @admin.display(description="résultat")
    def outcome(self, task):
        return task.result


class FailureMixin(TaskMixin):
    list_display = ["label", "function", "arguments", "start", "tries", "error"]
    actions = ["resubmit"]

    @admin.display(description="erreur")
    def error(self, task):
        return str(task.result or "").partition("\n")[0][:120]

    @admin.action(description="Remettre dans la file", permissions=["delete"])
    def resubmit(self, request, queryset):
        # Imported here: the module registers its models with this site while this module is being imported.
        from django_q.admin import resubmit_task

        count = queryset.count()
        resubmit_task(self, request, queryset)
        self.message_user(request, f"{counted(count, 'tâche remise')} dans la file.")


class ScheduleMixin(TaskQueueMixin):
    list_display = ["label", "function", "frequency", "next_start"]
    fields = ["label", "function", "arguments", "frequency", "next_start"]
    list_display_links = ["label"]

    @admin.display(description="rythme", ordering="schedule_type")
    def frequency(self, schedule):
        if schedule.schedule_type == schedule.MINUTES:
            return f"toutes les {schedule.minutes}\u00a0minutes"
        return schedule.get_schedule_type_display()

    @admin.display(description="prochaine fois", ordering="next_run")
    def next_start(self, schedule):
        return format_datetime(schedule.next_run)


class QueuedTaskMixin(TaskQueueMixin):
    list_display = ["task_name", "task_function", "arguments", "locked_until"]
    fields = list_display
    list_display_links = ["task_name"]

    @admin.display(description="nom")
    def task_name(self, queued):
        return queued.name()

    @admin.display(description="fonction")
    def task_function(self, queued):
        return queued.func()

    @admin.display(description="prise jusqu’au", ordering="lock")
    def locked_until(self, queued):
        return format_datetime(queued.lock)


TASK_QUEUE_ADMINS = {
    "django_q.success": TaskMixin,
    "django_q.failure": FailureMixin,
    "django_q.schedule": ScheduleMixin,
    "django_q.ormq": QueuedTaskMixin,
}
