from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from careers import page
from careers.models import Role


def may_see_drafts(user) -> bool:
    """Whether `user` is a curator, who reads a profile before the public does."""
    return user.has_perm("careers.view_role") or user.has_perm("careers.change_role")


@require_safe
def role_list(request):
    return render(request, "careers/list.html", {"roles": Role.objects.published().with_offer_count()})


@require_safe
def role_detail(request, slug):
    role = get_object_or_404(Role, slug=slug)
    # Asked only for a draft, so that the public page needs no session.
    if not role.is_published and not may_see_drafts(request.user):
        raise Http404
    return render_role(request, role)


def render_role(request, role, preview=False):
    """The page of `role`; as a preview it says that nothing is saved."""
    return render(request, "careers/detail.html", {**page.context(role), "preview": preview})
