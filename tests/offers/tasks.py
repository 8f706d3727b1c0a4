from django.utils.module_loading import import_string
from django_q.models import OrmQ


def run_queued_tasks() -> None:
    """Run all tasks of the queue, and leave them there: tasks are idempotent, so that a second call changes nothing."""
    for queued in OrmQ.objects.all():
        import_string(queued.func())(*queued.task["args"])
