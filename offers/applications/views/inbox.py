"""The applications that arrived: for the people of the company, and for staff who were given the right."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offers.applications import inbox as rows
from offers.applications.enums import ApplicationStatus
from offers.applications.forms import DeclineForm, NoteForm
from offers.applications.models import Application, ApplicationNote, ApplicationRefused, CvAccess
from offers.companies.permissions import recruiter_required
from offers.models import Offer

PER_PAGE = 50
# As many as one page shows: each gets a mail.
MOST_AT_ONCE = PER_PAGE
VERBS = {
    ApplicationStatus.SEEN: Application.see,
    ApplicationStatus.DISCUSSION: Application.discuss,
    ApplicationStatus.HIRED: Application.hire,
}
# What a recruiter may press, in this order; a refusal has a page of its own, for the mail that goes with it.
BUTTONS = {
    ApplicationStatus.SEEN: "Marquer comme vue",
    ApplicationStatus.DISCUSSION: "Poursuivre la discussion",
    ApplicationStatus.HIRED: "Embaucher",
}
POLITE = (
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
def of_offer(request, pk):
    offers = Offer.objects.select_related("company")
    if not request.user.has_perm("applications.view_application"):
        offers = offers.filter(company__memberships__user=request.user)
    offer = get_object_or_404(offers, pk=pk)
    return _list(request, Application.objects.readable_by(request.user).filter(offer=offer), offer)


def _list(request, applications, offer=None):
    search = rows.InboxFilter(request.GET, applications, request=request, of_offer=offer is not None)
    # What could not be understood is said beside the field, and left out.
    found = search.filter_queryset(applications) if search.form.is_valid() else applications
    shown = (
        found.newest_first()
        .select_related("offer")
        .only(
            *("name", "created_at", "status", "cv_state", "offer__title", "offer__confidential", "keep_for_others"),
        )
        .annotate(note_count=Count("notes"))
    )
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": search.form,
        "offer": offer,
        "searching": any(value for key, value in request.GET.items() if key != "page"),
        "query": request.GET.urlencode(),
    }
    return render(request, "applications/inbox/list.html", context)


@require_safe
@recruiter_required
def export(request):
    applications = Application.objects.readable_by(request.user)
    search = rows.InboxFilter(request.GET, applications, request=request)
    found = search.filter_queryset(applications) if search.form.is_valid() else applications
    return rows.export(found.newest_first())


@require_safe
@recruiter_required
def application(request, pk):
    return _page(request, _readable(request, pk), NoteForm())


def _readable(request, pk) -> Application:
    return get_object_or_404(
        Application.objects.readable_by(request.user).select_related("offer__company", "offer__place"), pk=pk
    )


def _mine(request, pk) -> Application:
    return get_object_or_404(Application.objects.manageable_by(request.user), pk=pk)


def _page(request, application, note_form):
    mine = Application.objects.manageable_by(request.user).filter(pk=application.pk).exists()
    may = application.may_become() if mine else set()
    context = {
        "application": application,
        "offer": application.offer,
        "steps": application.events.select_related("by"),
        "notes": application.notes.select_related("author"),
        "accesses": application.cv_accesses.select_related("user")[:20],
        "buttons": [(status, label) for status, label in BUTTONS.items() if status in may],
        "may_decline": ApplicationStatus.DECLINED in may,
        "note_form": note_form if mine else None,
    }
    return render(request, "applications/inbox/application.html", context)


@require_POST
@recruiter_required
def change(request, pk):
    application = _mine(request, pk)
    verb = VERBS.get(request.POST.get("etat"))
    try:
        if verb is None:
            raise ApplicationRefused("Cet état n’existe pas.")
        verb(application, request.user)
    except ApplicationRefused as refused:
        # The page marks as seen by itself: nobody waits to hear that somebody else was faster.
        if not request.htmx:
            messages.error(request, str(refused))
    return redirect("applications:inbox_application", application.pk)


@require_POST
@recruiter_required
def note(request, pk):
    application = _mine(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, _readable(request, pk), form)
    ApplicationNote.objects.create(application=application, author=request.user, text=form.cleaned_data["text"])
    return redirect("applications:inbox_application", application.pk)


@require_POST
@recruiter_required
def cv(request, pk):
    """The file, as a download that runs nothing. Who opened it is written down before it leaves."""
    application = _readable(request, pk)
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
    """Say no to one or many, with a mail that can be edited first."""
    data = request.POST if request.method == "POST" else request.GET
    pks = [int(pk) for pk in data.getlist("c") if pk.isdecimal() and len(pk) < 19][:MOST_AT_ONCE]
    chosen = list(
        Application.objects.manageable_by(request.user)
        .filter(pk__in=pks, status__in=Application.sources_of(ApplicationStatus.DECLINED))
        .select_related("offer")
        .newest_first()
    )
    if not chosen:
        messages.error(request, "Aucune candidature à décliner n’était cochée.")
        return redirect("applications:inbox")
    form = DeclineForm(request.POST or None, initial={"text": POLITE})
    if request.method != "POST" or not form.is_valid():
        return render(request, "applications/inbox/decline.html", {"chosen": chosen, "form": form})
    done = 0
    for each in chosen:
        try:
            each.decline(request.user, message=form.cleaned_data["text"])
            done += 1
        except ApplicationRefused as refused:
            messages.error(request, str(refused))
    if done:
        plural = "s" if done > 1 else ""
        messages.success(request, f"{done} candidature{plural} déclinée{plural}, autant d’e-mails en route.")
    if len(chosen) == 1:
        return redirect("applications:inbox_application", chosen[0].pk)
    return redirect("applications:inbox")
