from django.utils.functional import SimpleLazyObject

from jobboard.accounts.factors import is_second_factor_verified


class SecondFactorMiddleware:
    """Tell the user of the request whether its session has verified a second factor, without which `has_perm` is False.

    Below AuthenticationMiddleware. The user stays lazy: most public pages read no session.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        lazy_user = request.user

        def load_user():
            if lazy_user.is_authenticated:
                lazy_user.second_factor_verified = is_second_factor_verified(request, lazy_user)
            return lazy_user

        request.user = SimpleLazyObject(load_user)
        return self.get_response(request)
