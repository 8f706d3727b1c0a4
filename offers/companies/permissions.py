"""Access to the recruiter area."""

from functools import wraps

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache


def recruiter_required(view):
    """Require a logged-in user with a verified e-mail address; responses are never cached."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapper(request, *args, **kwargs):
        # The login checks it too; this also covers sessions created in another way.
        if not EmailAddress.objects.filter(user=request.user, verified=True).exists():
            messages.warning(request, "Confirmez d’abord l’adresse e-mail de votre compte.")
            return redirect("account_home")
        return view(request, *args, **kwargs)

    return wrapper
