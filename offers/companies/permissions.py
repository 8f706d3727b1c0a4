"""The recruiters’ rooms: who is let in."""

from functools import wraps

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache


def room(view):
    """For people who are signed in and have confirmed an address. No browser or proxy keeps what they are shown."""

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        # Signing in asks for it already; this holds for however a session came to be.
        if not EmailAddress.objects.filter(user=request.user, verified=True).exists():
            messages.warning(request, "Confirmez d’abord l’adresse e-mail de votre compte.")
            return redirect("account_home")
        return view(request, *args, **kwargs)

    return guarded
