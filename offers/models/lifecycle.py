"""The verbs of an offer: the only methods that change its status, or the content of a published offer.

Each verb checks the transition table, updates the row only if it is unchanged since the caller read it (optimistic
locking), and adds an event in the same transaction. Of two concurrent changes one succeeds; the other raises
TransitionRefused, with the latest event in its message.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from jobboard.mail.outbox import queue_mail
from jobboard.text.dates import end_of_day, local_date, long_datetime
from offers.enums import ActorRole, OfferStatus, RevisionStatus
from offers.models import versions
from offers.models.transitions import TRANSITIONS, NotAllowed, TransitionRefused, is_member
from offers.visibility import ONCE_PUBLIC

# Verbs by which the company requests the publication (code du travail, L5331-3).
_PUBLICATION_REQUESTS = {"submit", "publish", "renew", "propose", "amend"}
# Verbs that publish a new version, which is stored in the event.
_NEW_VERSIONS = {"publish", "accept", "amend"}


class OfferLifecycle:
    """Mixin of Offer. `by` is the user who acts, None for the site itself (a command, a scheduled task).

    `request_source` is from whom and how staff received the publication request of the company (free text).
    `justification` says why the text is right although the wording check found errors; the transition table says who
    may give one, and a text with one is never published by its company.
    """

    def submit(self, by=None, *, request_source="", justification=""):
        """Submit to moderation before publication."""
        self._transition(
            "submit", by, request_source=request_source, justification=justification, waiting_since=timezone.now()
        )

    def publish(self, by=None, *, at=None, request_source="", justification=""):
        """Publish from `at` (now by default) for OFFER_LIFETIME_DAYS, to the end of the last one.

        Moderators approve with this verb too.
        """
        at = at or timezone.now()
        self._transition(
            "publish",
            by,
            request_source=request_source,
            justification=justification,
            published_at=at,
            closed_at=None,
            **self._new_dates(at),
        )

    def submit_or_publish(self, by, *, request_source="", justification=""):
        """Publish if `by` has permission to publish this text without moderation, submit otherwise."""
        can_publish = TRANSITIONS["publish"].is_open_to(by, self, justified=bool(justification))
        verb = self.publish if can_publish else self.submit
        verb(by, request_source=request_source, justification=justification)

    def return_(self, by, reason):
        """Return to the company, which can correct the offer and submit it again."""
        self._transition("return_", by, reason)

    def renew(self, by=None, *, at=None):
        """Extend for OFFER_LIFETIME_DAYS from `at`. A published offer keeps its date of publication."""
        at = at or timezone.now()
        publication = {} if self.is_published(at) else {"published_at": at}
        self._transition("renew", by, closed_at=None, **publication, **self._new_dates(at))

    def confirm(self, by=None, *, at=None):
        """Record that the company confirms that the offer is still open."""
        self._transition("confirm", by, confirmed_at=at or timezone.now())

    def fill(self, by=None, *, at=None):
        self._transition("fill", by, closed_at=at or timezone.now())

    def withdraw(self, by=None, reason="", *, at=None):
        self._close("withdraw", by, reason, at)

    def reopen(self, by=None):
        self._transition("reopen", by, closed_at=None)

    def expire(self, *, at=None):
        """Set the status of an offer whose `expires_at` has passed. Raise TransitionRefused before that datetime."""
        at = at or timezone.now()
        if self.expires_at is None or self.expires_at > at:
            raise TransitionRefused(f"«\u00a0{self.title}\u00a0» n’est pas arrivée à son terme.")
        self._transition("expire", None, closed_at=self.expires_at)

    def remove(self, by, reason, *, at=None):
        self._close("remove", by, reason, at)

    def restore(self, by, reason):
        self._transition("restore", by, reason, closed_at=None)

    # Changes of a published offer

    def propose(self, values: dict, by, *, justification=""):
        """Change material fields of a published offer: immediately if `by` may publish, else after moderation.

        `values` is the cleaned data of a form, with model instances for relations. Return the waiting revision, or None
        if the change was applied or there is no change.
        """
        with transaction.atomic():
            stored = type(self).objects.select_related("company", "role", "place").get(pk=self.pk)
            changes = versions.changed_fields(versions.version(stored), versions.serialize(values))
            if TRANSITIONS["amend"].is_open_to(by, self, justified=bool(justification)):
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
            self._transition("propose", by, justification=justification, waiting_since=self.waiting_since or now)
            revision, _ = self.revisions.update_or_create(
                status=RevisionStatus.WAITING, defaults={"changes": changes, "by": by, "created_at": now}
            )
            return revision

    def amend(self, by=None):
        """Record a change to the published offer, already saved, by a user with permission to publish."""
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

    def justification(self) -> str:
        """Return the justification of the last submission, an empty string if its text needed none."""
        last = self.events.submissions().first()
        return last.justification if last else ""

    # Implementation

    def _close(self, verb, by, reason, at):
        """Close the offer. If it was not public, it has no page: its text may have changed since it was published."""
        publication = {} if self.status in ONCE_PUBLIC else {"published_at": None}
        self._transition(verb, by, reason, closed_at=at or timezone.now(), **publication)

    @staticmethod
    def _new_dates(at) -> dict:
        last_day = local_date(at) + timedelta(days=settings.OFFER_LIFETIME_DAYS)
        return {"confirmed_at": at, "expires_at": end_of_day(last_day)}

    def _unchanged_row(self):
        """Return a queryset of the row if it is unchanged. On PostgreSQL its update waits for a concurrent one."""
        return type(self).objects.filter(pk=self.pk, status=self.status, updated_at=self.updated_at)

    def _transition(self, verb, by, reason="", request_source="", justification="", changes=None, **values):
        transition, before, reason = TRANSITIONS[verb], self.status, reason.strip()
        role = transition.acting_role(by, self, justified=bool(justification))
        if role is None and justification and transition.is_open_to(by, self):
            raise NotAllowed("Ce texte est relu avant d’être publié\u00a0: envoyez-le à la relecture.")
        if role is None:
            raise NotAllowed(f"Vous ne pouvez pas faire cela de l’offre «\u00a0{self.title}\u00a0».")
        if transition.needs_reason and not reason:
            raise TransitionRefused("Indiquez le motif\u00a0: l’entreprise le lira.")
        if before not in transition.sources:
            raise TransitionRefused(self.refusal_message(transition))
        now = timezone.now()
        values.update(status=transition.target, updated_at=now)
        if transition.target != OfferStatus.PUBLISHED or before != OfferStatus.PUBLISHED:
            values.setdefault("waiting_since", None)
        with transaction.atomic():
            if not self._unchanged_row().update(**values):
                raise TransitionRefused(self.refusal_message(transition))
            if transition.target != OfferStatus.PUBLISHED:
                self._close_revision(RevisionStatus.DROPPED)
            if changes:
                self._apply_changes(changes)
            else:
                for name, value in values.items():
                    setattr(self, name, value)
            texts = {"reason": reason, "justification": justification}
            self._record_event(verb, transition, before, by, role, texts, request_source, now)

    def _record_event(self, verb, transition, before, by, role, texts, request_source, now):
        is_for_company = transition.is_company_action or (verb == "publish" and before != OfferStatus.SUBMITTED)
        publication_request = {}
        # With a justification, a member who is a moderator acts as one, and asks for the publication all the same.
        by_company = role == ActorRole.MEMBER or (bool(texts["justification"]) and is_member(by, self))
        if verb in _PUBLICATION_REQUESTS and (by_company or request_source.strip()):
            publication_request = {
                "requested_at": now,
                "requested_by": by if by_company else None,
                "request_source": request_source.strip(),
            }
        elif verb in _NEW_VERSIONS and (last := self.events.publication_requests().first()):
            publication_request = {
                "requested_at": last.requested_at,
                "requested_by": last.requested_by,
                "request_source": last.request_source,
            }
        event = self.events.create(
            verb=verb,
            before=before,
            after=transition.target,
            at=now,
            by=by,
            role=role,
            on_behalf_of=self.company if is_for_company and role == ActorRole.TEAM else None,
            **texts,
            version=versions.version(self) if verb in _NEW_VERSIONS else None,
            **publication_request,
        )
        if transition.is_decision and role == ActorRole.TEAM:
            queue_mail("moderation.decision", event.pk, event=event.pk)

    def _apply_changes(self, changes):
        """Save the fields of a revision. Raise TransitionRefused if they are no longer valid."""
        stored = type(self).objects.get(pk=self.pk)
        versions.assign(stored, changes)
        try:
            stored.full_clean()
        except ValidationError as error:
            raise TransitionRefused(
                f"Le changement de «\u00a0{self.title}\u00a0» n’est plus possible\u00a0: {' '.join(error.messages)}"
            ) from None
        stored.save()
        versions.assign_rows(stored, changes)
        # Prefetched relations may be outdated.
        self._prefetched_objects_cache = {}
        self.refresh_from_db()

    def _waiting_revision(self):
        revision = self.revisions.waiting().first()
        if revision is None:
            raise TransitionRefused(
                f"Aucun changement de «\u00a0{self.title}\u00a0» n’attend plus\u00a0: rechargez la page."
            )
        return revision

    def _close_revision(self, status):
        self.revisions.waiting().update(status=status, decided_at=timezone.now())

    def refusal_message(self, transition) -> str:
        """Return the message of a refused transition, with the latest event."""
        message = (
            f"«\u00a0{self.title}\u00a0» ne peut pas passer à l’état «\u00a0{transition.target.label}\u00a0»\u00a0: "
        )
        return f"{message}{self.latest_event_label()}, rechargez la page."

    def latest_event_label(self) -> str:
        """Return the latest event in French, read from the database: “elle a été publiée le … par …”."""
        status = type(self).objects.filter(pk=self.pk).values_list("status", flat=True).first()
        if status is None:
            return "elle n’existe plus"
        last = self.events.first()
        if last is None:
            return f"elle est à l’état «\u00a0{OfferStatus(status).label}\u00a0»"
        return f"elle a été {last.past_tense} le {long_datetime(last.at)} par {last.get_role_display()}"
