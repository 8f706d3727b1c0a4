"""Private files that no row speaks of: what a process left behind that was killed between the disk and the database."""

from datetime import timedelta

from django.utils import timezone

from offers.models import Application, KeptUpload

_storage = Application._meta.get_field("cv").storage
# Younger ones may belong to a form that is being stored at this moment.
AGE = timedelta(days=1)


def sweep(at=None) -> int:
    """Delete them; how many there were."""
    limit = (at or timezone.now()) - AGE
    deleted = 0
    for folder in _folders("cv"):
        names = [f"{folder}/{name}" for name in _storage.listdir(folder)[1]]
        known = set(Application.objects.filter(cv__in=names).values_list("cv", flat=True))
        known |= set(KeptUpload.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names:
            if name not in known and _storage.get_modified_time(name) < limit:
                _storage.delete(name)
                deleted += 1
    return deleted


def _folders(root: str) -> list[str]:
    try:
        return [f"{root}/{name}" for name in _storage.listdir(root)[0]]
    except FileNotFoundError:
        return []
