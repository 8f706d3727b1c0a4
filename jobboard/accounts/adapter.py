from allauth.account.adapter import DefaultAccountAdapter
from django_q.tasks import async_task

from jobboard.network import client_address


class AccountAdapter(DefaultAccountAdapter):
    # The library’s own are typed on a typewriter.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "enter_current_password": "Ce n’est pas le mot de passe actuel.",
    }

    def is_open_for_signup(self, request):
        """Accounts are made by curators until recruiters can sign up by themselves."""
        return False

    def get_client_ip(self, request):
        # Not allauth's own: it answers 500 when a proxy sent fewer addresses than expected.
        return client_address(request) or "unknown"

    def send_password_reset_mail(self, user, email, context):
        # The link in `context` is left aside: the task makes one when it sends it, so that none lies in the queue.
        queue_mail("password_reset", user)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        # Changed, set for the first time or reset: what matters to its owner is that it is another one.
        queue_mail("password_changed", user)


def queue_mail(event, user):
    """Have the task worker send the mail `event` to a person: no page waits for a mail server."""
    async_task("jobboard.accounts.tasks.send_mail", event, user.pk, task_name=f"user-{user.pk}-{event}")
