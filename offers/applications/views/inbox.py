"""The inbox of applications, for the members of a company and for staff with the permission."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobboard.text.numbers import counted
from offers.applications.enums import ApplicationStatus
from offers.applications.forms import DeclineForm, NoteForm
from offers.applications.inbox import InboxFilter, export_csv
from offers.applications.models import Application, ApplicationNote, ApplicationRefused, CvAccess
from offers.applications.models.retention import describe_retention, retention_rule
from offers.companies.permissions import recruiter_required
from offers.models import Offer

PER_PAGE = 50
# Each declined application queues a mail.
MAX_SELECTED = PER_PAGE
STATUS_METHODS = {
    ApplicationStatus.SEEN: Application.see,
    ApplicationStatus.DISCUSSION: Application.discuss,
    ApplicationStatus.HIRED: Application.hire,
}
# The buttons of a recruiter, in this order; a refusal has its own page, for the text of its mail.
BUTTONS = {
    ApplicationStatus.SEEN: "Marquer comme vue",
    ApplicationStatus.DISCUSSION: "Poursuivre la discussion",
    ApplicationStatus.HIRED: "Embaucher",
}
DECLINE_TEXT = (
    "Merci de l’intérêt que vous portez à notre offre et du temps que vous avez pris pour y répondre.\n\n"
    "Après lecture attentive, nous ne poursuivons pas avec votre candidature. Ce choix tient à l’adéquation avec ce "
    "poste précis, et ne préjuge pas de vos qualités.\n\n"
    "Nous vous souhaitons de trouver bientôt le poste qui vous convient."
)


@require_safe
@recruiter_required
def inbox(request):
    return _list(request, Application.objects.readable_by(request.user))


@require_safe
@recruiter_required
def offer_inbox(request, pk):
    offers = Offer.objects.select_related("company")
    if not request.user.has_perm("applications.view_application"):
        offers = offers.filter(company__memberships__user=request.user)
    offer = get_object_or_404(offers, pk=pk)
    return _list(request, Application.objects.readable_by(request.user).filter(offer=offer), offer)


def _list(request, applications, offer=None):
    search = InboxFilter(request.GET, applications, request=request, for_offer=offer is not None)
    # An invalid filter shows its errors beside the fields and all applications below.
    matching = search.filter_queryset(applications) if search.form.is_valid() else applications
    rows = (
        matching.newest_first()
        .select_related("offer")
        .only(
            *("name", "created_at", "status", "cv_state", "offer__title", "offer__confidential"),
        )
        .annotate(note_count=Count("notes"))
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": search.form,
        "offer": offer,
        "searching": any(value for key, value in request.GET.items() if key != "page"),
        "query": request.GET.urlencode(),
        "retention_rule": retention_rule(),
    }
    return render(request, "applications/inbox/list.html", context)


@require_safe
@recruiter_required
def export(request):
    applications = Application.objects.readable_by(request.user)
    search = InboxFilter(request.GET, applications, request=request)
    matching = search.filter_queryset(applications) if search.form.is_valid() else applications
    return export_csv(matching.newest_first())


@require_safe
@recruiter_required
def application(request, pk):
    return _render_application(request, _get_readable(request, pk), NoteForm())


def _get_readable(request, pk) -> Application:
    return get_object_or_404(
        Application.objects.readable_by(request.user).select_related("offer__company", "offer__place"), pk=pk
    )


def _get_manageable(request, pk) -> Application:
    return get_object_or_404(Application.objects.manageable_by(request.user), pk=pk)


def _render_application(request, application, note_form):
    manageable = Application.objects.manageable_by(request.user).filter(pk=application.pk).exists()
    allowed = application.allowed_statuses() if manageable else set()
    context = {
        "application": application,
        "offer": application.offer,
        "steps": application.events.select_related("by"),
        "notes": application.notes.select_related("author"),
        "accesses": application.cv_accesses.select_related("user")[:20],
        "buttons": [(status, label) for status, label in BUTTONS.items() if status in allowed],
        "may_decline": ApplicationStatus.DECLINED in allowed,
        "note_form": note_form if manageable else None,
        "retention": describe_retention(application),
    }
    return render(request, "applications/inbox/application.html", context)


@require_POST
@recruiter_required
def change(request, pk):
    application = _get_manageable(request, pk)
    transition = STATUS_METHODS.get(request.POST.get("etat"))
    try:
        if transition is None:
            raise ApplicationRefused("Cet état n’existe pas.")
        transition(application, request.user)
    except ApplicationRefused as refused:
        # The page marks the application as seen with htmx; if a colleague has done so, that is not an error.
        if not request.htmx:
            messages.error(request, str(refused))
    return redirect("applications:inbox_application", application.pk)


@require_POST
@recruiter_required
def note(request, pk):
    application = _get_manageable(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _render_application(request, _get_readable(request, pk), form)
    ApplicationNote.objects.create(application=application, author=request.user, text=form.cleaned_data["text"])
    return redirect("applications:inbox_application", application.pk)


@require_POST
@recruiter_required
def cv(request, pk):
    """Download the CV, sandboxed by the CSP. The access is logged before the file is sent."""
    application = _get_readable(request, pk)
    try:
        file = application.cv.open("rb") if application.cv_can_be_opened else None
    except FileNotFoundError:
        file = None
    if file is None:
        messages.error(request, "Ce CV ne peut pas être ouvert maintenant.")
        return redirect("applications:inbox_application", application.pk)
    CvAccess.objects.create(application=application, user=request.user)
    return FileResponse(
        file,
        as_attachment=True,
        filename=application.cv_name,
        content_type="application/pdf",
        headers={"Content-Security-Policy": "sandbox; default-src 'none'"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@recruiter_required
def decline(request):
    """Decline the selected applications, with a mail whose text can be edited first."""
    data = request.POST if request.method == "POST" else request.GET
    pks = [int(pk) for pk in data.getlist("c") if pk.isdecimal() and len(pk) < 19][:MAX_SELECTED]
    selected = list(
        Application.objects.manageable_by(request.user)
        .filter(pk__in=pks, status__in=Application.sources_of(ApplicationStatus.DECLINED))
        .select_related("offer")
        .newest_first()
    )
    if not selected:
        messages.error(request, "Cochez au moins une candidature qui peut encore être déclinée.")
        return redirect("applications:inbox")
    form = DeclineForm(request.POST or None, initial={"text": DECLINE_TEXT})
    if request.method != "POST" or not form.is_valid():
        return render(request, "applications/inbox/decline.html", {"selected": selected, "form": form})
    declined = 0
    for each in selected:
        try:
            each.decline(request.user, message=form.cleaned_data["text"])
            declined += 1
        except ApplicationRefused as refused:
            messages.error(request, str(refused))
    if declined:
        messages.success(
            request,
            f"{counted(declined, 'candidature déclinée')}. "
            + ("Les candidats en sont prévenus" if declined > 1 else "La personne en est prévenue")
            + " par e-mail.",
        )
    if len(selected) == 1:
        return redirect("applications:inbox_application", selected[0].pk)
    return redirect("applications:inbox")
