from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from careers import page
from careers.models import Role
from jobboard.caching.tags import added_keys, cached_page, tag


def may_see_drafts(user) -> bool:
    """Return whether `user` is a curator, who may view drafts."""
    return user.has_perm("careers.view_role") or user.has_perm("careers.change_role")


@cached_page
@require_safe
def role_list(request):
    response = render(request, "careers/list.html", {"roles": Role.objects.published()})
    return tag(response, {"roles", *added_keys(request)})


@cached_page
@require_safe
def role_detail(request, slug):
    role = get_object_or_404(Role, slug=slug)
    # Checked for drafts only, so that the public page reads no session.
    if not role.is_published and not may_see_drafts(request.user):
        raise Http404
    response = render(request, "careers/detail.html", page.context(role))
    return tag(response, {f"role:{role.pk}", *added_keys(request)})


def render_preview(request, role):
    """Render the page of an unsaved `role`, marked as a preview."""
    return render(request, "careers/detail.html", {**page.context(role), "preview": True})
