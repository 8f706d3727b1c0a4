"""The verbs of an offer: the only methods that change its status, or the content of a published offer.

Each verb checks the table of transitions, updates the row only if it is unchanged since the caller read it
(optimistic locking), and writes the history in the same transaction. So of two users who act at once one succeeds, and
the other gets a TransitionRefused that says what happened.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from jobboard.mail.outbox import queue_mail
from offers.enums import ActorRole, RevisionStatus, Status
from offers.models import material
from offers.models.transitions import TRANSITIONS, NotAllowed, TransitionRefused

# Verbs by which the company asks for the publication (code du travail, L5331-3).
_PUBLICATION_REQUESTS = {"submit", "publish", "renew", "propose", "amend"}
# Verbs after which the public sees a new version, which the event stores.
_NEW_VERSIONS = {"publish", "accept", "amend"}


class OfferLifecycle:
    """Mixin of Offer. `by` is the user who acts, None for the site itself (a command, a scheduled task).

    `asked` says how the company asked for the publication, where staff act for it.
    """

    def submit(self, by=None, *, asked=""):
        """Submit to moderation before publication."""
        self._transition("submit", by, asked=asked, waiting_since=timezone.now())

    def publish(self, by=None, *, at=None, asked=""):
        """Publish from `at` (now by default) for OFFER_LIFETIME_DAYS. Also the approval by a moderator."""
        at = at or timezone.now()
        self._transition("publish", by, asked=asked, published_at=at, closed_at=None, **self._new_dates(at))

    def submit_or_publish(self, by, *, asked=""):
        """Publish if `by` may do so without moderation, submit otherwise."""
        if TRANSITIONS["publish"].acting_role(by, self):
            self.publish(by, asked=asked)
        else:
            self.submit(by, asked=asked)

    def return_(self, by, reason):
        """Return to the company, which can correct the offer and submit it again."""
        self._transition("return_", by, reason)

    def renew(self, by=None, *, at=None):
        """Extend for OFFER_LIFETIME_DAYS from `at`. A published offer keeps its date of publication."""
        at = at or timezone.now()
        back = {} if self.is_published(at) else {"published_at": at}
        self._transition("renew", by, closed_at=None, **back, **self._new_dates(at))

    def confirm(self, by=None, *, at=None):
        """Record that the company confirms that the offer is still open."""
        self._transition("confirm", by, confirmed_at=at or timezone.now())

    def fill(self, by=None, *, at=None):
        self._transition("fill", by, closed_at=at or timezone.now())

    def withdraw(self, by=None, reason="", *, at=None):
        self._transition("withdraw", by, reason, closed_at=at or timezone.now())

    def reopen(self, by=None):
        self._transition("reopen", by, closed_at=None)

    def expire(self, *, at=None):
        """Set the status of an offer that the public no longer sees since `expires_at`."""
        at = at or timezone.now()
        if self.expires_at is None or self.expires_at > at:
            raise TransitionRefused(f"«\u00a0{self.title}\u00a0» n’est pas arrivée à son terme.")
        self._transition("expire", None, closed_at=self.expires_at)

    def remove(self, by, reason, *, at=None):
        self._transition("remove", by, reason, closed_at=at or timezone.now())

    def restore(self, by, reason):
        self._transition("restore", by, reason, closed_at=None)

    # Changes of a published offer

    def propose(self, values: dict, by):
        """Change material fields of a published offer: at once if `by` may publish, after moderation otherwise.

        `values` are the cleaned data of a form (model instances for relations). Return the waiting revision; None where
        the change is already made, or changes nothing.
        """
        with transaction.atomic():
            stored = type(self).objects.select_related("company", "role", "place").get(pk=self.pk)
            changes = material.changed(material.version(stored), material.encoded(values))
            if TRANSITIONS["amend"].acting_role(by, self):
                if changes:
                    self._transition("amend", by, waiting_since=None, changes=changes)
                    self._close_revision(RevisionStatus.DROPPED)
                return None
            if not changes:
                if self.waiting_since:
                    self._transition("propose", by, waiting_since=None)
                    self._close_revision(RevisionStatus.DROPPED)
                return None
            now = timezone.now()
            self._transition("propose", by, waiting_since=self.waiting_since or now)
            revision, _ = self.revisions.update_or_create(
                status=RevisionStatus.WAITING, defaults={"changes": changes, "by": by, "created_at": now}
            )
            return revision

    def amend(self, by=None):
        """Record a change of the saved, published row by a user who may publish."""
        self._transition("amend", by)

    def accept(self, by):
        """Apply the waiting revision."""
        with transaction.atomic():
            changes = self._waiting_revision().changes
            self._transition("accept", by, waiting_since=None, changes=changes)
            self._close_revision(RevisionStatus.APPLIED)

    def decline(self, by, reason):
        with transaction.atomic():
            self._waiting_revision()
            self._transition("decline", by, reason, waiting_since=None)
            self._close_revision(RevisionStatus.DECLINED)

    # Implementation

    @staticmethod
    def _new_dates(at) -> dict:
        return {"confirmed_at": at, "expires_at": at + timedelta(days=settings.OFFER_LIFETIME_DAYS)}

    def _unchanged_row(self):
        """Return a queryset of the row if it is unchanged; PostgreSQL waits for a concurrent update first."""
        return type(self).objects.filter(pk=self.pk, status=self.status, updated_at=self.updated_at)

    def _transition(self, verb, by, reason="", asked="", changes=None, **values):
        transition, before, reason = TRANSITIONS[verb], self.status, reason.strip()
        role = transition.acting_role(by, self)
        if role is None:
            raise NotAllowed(f"Vous ne pouvez pas faire cela de l’offre «\u00a0{self.title}\u00a0».")
        if transition.needs_reason and not reason:
            raise TransitionRefused("Indiquez le motif\u00a0: l’entreprise le lira.")
        if before not in transition.sources:
            raise TransitionRefused(self._refusal_message(transition))
        now = timezone.now()
        values.update(status=transition.target, updated_at=now)
        if transition.target != Status.PUBLISHED or before != Status.PUBLISHED:
            values.setdefault("waiting_since", None)
        with transaction.atomic():
            if not self._unchanged_row().update(**values):
                raise TransitionRefused(self._refusal_message(transition))
            if transition.target != Status.PUBLISHED:
                self._close_revision(RevisionStatus.DROPPED)
            if changes:
                self._apply_changes(changes)
            else:
                for name, value in values.items():
                    setattr(self, name, value)
            self._record_event(verb, transition, before, by, role, reason, asked, now)

    def _record_event(self, verb, transition, before, by, role, reason, asked, now):
        companys = transition.is_company_action or (verb == "publish" and before != Status.SUBMITTED)
        asking = {}
        if verb in _PUBLICATION_REQUESTS and (role == ActorRole.MEMBER or asked.strip()):
            asking = {"asked_at": now, "asked_by": by if role == ActorRole.MEMBER else None, "asked_how": asked.strip()}
        elif verb in _NEW_VERSIONS and (last := self.events.publication_requests().first()):
            asking = {"asked_at": last.asked_at, "asked_by": last.asked_by, "asked_how": last.asked_how}
        event = self.events.create(
            verb=verb,
            before=before,
            after=transition.target,
            at=now,
            by=by,
            role=role,
            on_behalf_of=self.company if companys and role == ActorRole.TEAM else None,
            reason=reason,
            version=material.version(self) if verb in _NEW_VERSIONS else None,
            **asking,
        )
        if transition.is_decision and role == ActorRole.TEAM:
            queue_mail("moderation.decision", event.pk, event=event.pk)

    def _apply_changes(self, changes):
        """Write the fields of a revision; raise TransitionRefused if they are no longer valid."""
        stored = type(self).objects.get(pk=self.pk)
        material.assign(stored, changes)
        try:
            stored.full_clean()
        except ValidationError as error:
            raise TransitionRefused(
                f"Le changement de «\u00a0{self.title}\u00a0» n’est plus possible\u00a0: {' '.join(error.messages)}"
            ) from None
        stored.save()
        material.assign_rows(stored, changes)
        # Prefetched relations may be outdated.
        self._prefetched_objects_cache = {}
        self.refresh_from_db()

    def _waiting_revision(self):
        revision = self.revisions.filter(status=RevisionStatus.WAITING).first()
        if revision is None:
            raise TransitionRefused(
                f"Aucun changement de «\u00a0{self.title}\u00a0» n’attend plus\u00a0: rechargez la page."
            )
        return revision

    def _close_revision(self, status):
        self.revisions.filter(status=RevisionStatus.WAITING).update(status=status, decided_at=timezone.now())

    def _refusal_message(self, transition) -> str:
        """Return why the transition is refused, with the latest event."""
        message = (
            f"«\u00a0{self.title}\u00a0» ne peut pas passer à l’état «\u00a0{transition.target.label}\u00a0»\u00a0: "
        )
        return f"{message}{self.latest_event_label()}, rechargez la page."

    def latest_event_label(self) -> str:
        """Return the latest event in words, read from the database: “elle a été publiée le … par …”."""
        status = type(self).objects.filter(pk=self.pk).values_list("status", flat=True).first()
        if status is None:
            return "elle n’existe plus"
        last = self.events.first()
        if last is None:
            return f"elle est à l’état «\u00a0{Status(status).label}\u00a0»"
        when = date_format(timezone.localtime(last.at), r"j F \à H:i")
        return f"elle a été {last.past_tense} le {when} par {last.get_role_display()}"
