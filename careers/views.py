from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from careers import page
from careers.models import Role
from jobboard.caching.tags import cached_page, tag


def may_see_drafts(user) -> bool:
    """Whether `user` is a curator, who reads a profile before the public does."""
    return user.has_perm("careers.view_role") or user.has_perm("careers.change_role")


@cached_page
@require_safe
def role_list(request):
    response = render(request, "careers/list.html", {"roles": Role.objects.published().with_offer_count()})
    return tag(response, ["roles", "published"])


@cached_page
@require_safe
def role_detail(request, slug):
    role = get_object_or_404(Role, slug=slug)
    # Asked only for a draft, so that the public page needs no session.
    if not role.is_published and not may_see_drafts(request.user):
        raise Http404
    context = page.context(role)
    response = render(request, "careers/detail.html", context)
    return tag(response, page.surrogate_keys(context))


def render_preview(request, role):
    """Render the page of a `role` that is not saved, and say so."""
    return render(request, "careers/detail.html", {**page.context(role), "preview": True})
