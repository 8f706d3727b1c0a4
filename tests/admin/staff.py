"""Staff users with single permissions, or with those of a group."""

from django.contrib.auth.models import Group, Permission

from jobboard.accounts.models import User
from tests.factories import make_user


def make_staff(*codenames, is_staff=True, **fields) -> User:
    """Return a staff user with exactly the permissions of these codenames."""
    user = make_user(is_staff=is_staff, **fields)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


def make_group_member(group=None, **fields) -> User:
    """Return a staff user who is a member of the named group, or of none."""
    user = make_user(is_staff=True, **fields)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_superuser(**fields) -> User:
    return make_user(is_staff=True, is_superuser=True, **fields)


def make_moderator(**fields) -> User:
    """Return a staff user who may change offers and moderate them."""
    return make_staff("change_offer", "moderate_offer", **fields)
