"""The verbs of an offer: the only ways to change its status, and to change what candidates are shown of one in view.

Each of them asks the table of transitions, changes the row only if it is still as the caller has seen it, and writes
the history in the same transaction. So of two people who act at once one wins, and the other is told what happened.
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

# By these somebody of the company asks for the publication (L5331-3).
_ASKING = {"submit", "publish", "renew", "propose", "amend"}
# After these the public is shown what the version of the event says.
_SHOWING = {"publish", "accept", "amend"}


class Life:
    """`by` is who acts, None for the site itself; `asked` says how staff were asked to act for a company."""

    def submit(self, by=None, *, asked=""):
        """Ask to be read before publication."""
        self._take("submit", by, asked=asked, waiting_since=timezone.now())

    def publish(self, by=None, *, at=None, asked=""):
        """Open to candidates from `at` (now by default), for the site's usual time. A moderator's approval too."""
        at = at or timezone.now()
        self._take("publish", by, asked=asked, published_at=at, closed_at=None, **self._fresh(at))

    def hand_in(self, by, *, asked=""):
        """What “publish” means to a company: at once where it is trusted, after a reading elsewhere."""
        if TRANSITIONS["publish"].role_of(by, self):
            self.publish(by, asked=asked)
        else:
            self.submit(by, asked=asked)

    def return_(self, by, reason):
        """Back to the company, which can correct and submit again."""
        self._take("return_", by, reason)

    def renew(self, by=None, *, at=None):
        """The usual time anew. What candidates still see keeps its date."""
        at = at or timezone.now()
        back = {} if self.is_published(at) else {"published_at": at}
        self._take("renew", by, closed_at=None, **back, **self._fresh(at))

    def confirm(self, by=None, *, at=None):
        """Somebody of the company says that it still stands."""
        self._take("confirm", by, confirmed_at=at or timezone.now())

    def fill(self, by=None, *, at=None):
        self._take("fill", by, closed_at=at or timezone.now())

    def withdraw(self, by=None, reason="", *, at=None):
        self._take("withdraw", by, reason, closed_at=at or timezone.now())

    def reopen(self, by=None):
        self._take("reopen", by, closed_at=None)

    def expire(self, *, at=None):
        """The scheduled end: what candidates have not seen any more since `expires_at` is called by its name."""
        at = at or timezone.now()
        if self.expires_at is None or self.expires_at > at:
            raise TransitionRefused(f"«\u00a0{self.title}\u00a0» n’est pas arrivée à son terme.")
        self._take("expire", None, closed_at=self.expires_at)

    def remove(self, by, reason, *, at=None):
        self._take("remove", by, reason, closed_at=at or timezone.now())

    def restore(self, by, reason):
        self._take("restore", by, reason, closed_at=None)

    # What changes while candidates see it.

    def propose(self, values: dict, by):
        """Change material fields of an offer that is out: at once for who may publish, after a reading elsewhere.

        `values` are those of a form (rows for what points at rows). Returns the revision that waits; None where the
        change is made already, or changes nothing.
        """
        with transaction.atomic():
            stored = type(self).objects.select_related("company", "role", "place").get(pk=self.pk)
            changes = material.changed(material.version(stored), material.encoded(values))
            if TRANSITIONS["amend"].role_of(by, self):
                if changes:
                    self._take("amend", by, waiting_since=None, changes=changes)
                    self._settle(RevisionStatus.DROPPED)
                return None
            if not changes:
                if self.waiting_since:
                    self._take("propose", by, waiting_since=None)
                    self._settle(RevisionStatus.DROPPED)
                return None
            now = timezone.now()
            self._take("propose", by, waiting_since=self.waiting_since or now)
            revision, _ = self.revisions.update_or_create(
                status=RevisionStatus.WAITING, defaults={"changes": changes, "by": by, "created_at": now}
            )
            return revision

    def amend(self, by=None):
        """Record that the saved row, which candidates see, has just been changed by who may publish."""
        self._take("amend", by)

    def accept(self, by):
        """Show candidates the proposed change."""
        with transaction.atomic():
            changes = self._waiting_revision().changes
            self._take("accept", by, waiting_since=None, changes=changes)
            self._settle(RevisionStatus.APPLIED)

    def decline(self, by, reason):
        with transaction.atomic():
            self._waiting_revision()
            self._take("decline", by, reason, waiting_since=None)
            self._settle(RevisionStatus.DECLINED)

    # How

    @staticmethod
    def _fresh(at) -> dict:
        return {"confirmed_at": at, "expires_at": at + timedelta(days=settings.OFFER_LIFETIME_DAYS)}

    def _as_seen(self):
        """The row, if it is still as the caller has it in hand. PostgreSQL waits for who is changing it, then looks."""
        return type(self).objects.filter(pk=self.pk, status=self.status, updated_at=self.updated_at)

    def _take(self, verb, by, reason="", asked="", changes=None, **values):
        transition, before, reason = TRANSITIONS[verb], self.status, reason.strip()
        role = transition.role_of(by, self)
        if role is None:
            raise NotAllowed(f"Vous ne pouvez pas faire cela de l’offre «\u00a0{self.title}\u00a0».")
        if transition.needs_reason and not reason:
            raise TransitionRefused("Indiquez le motif\u00a0: l’entreprise le lira.")
        if before not in transition.sources:
            raise TransitionRefused(self._what_happened(transition))
        now = timezone.now()
        values.update(status=transition.target, updated_at=now)
        if transition.target != Status.PUBLISHED or before != Status.PUBLISHED:
            values.setdefault("waiting_since", None)
        with transaction.atomic():
            if not self._as_seen().update(**values):
                raise TransitionRefused(self._what_happened(transition))
            if transition.target != Status.PUBLISHED:
                self._settle(RevisionStatus.DROPPED)
            if changes:
                self._apply(changes)
            else:
                for name, value in values.items():
                    setattr(self, name, value)
            self._record(verb, transition, before, by, role, reason, asked, now)

    def _record(self, verb, transition, before, by, role, reason, asked, now):
        companys = transition.is_companys or (verb == "publish" and before != Status.SUBMITTED)
        asking = {}
        if verb in _ASKING and (role == ActorRole.MEMBER or asked.strip()):
            asking = {"asked_at": now, "asked_by": by if role == ActorRole.MEMBER else None, "asked_how": asked.strip()}
        elif verb in _SHOWING and (last := self.events.asking().first()):
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
            version=material.version(self) if verb in _SHOWING else None,
            **asking,
        )
        if transition.is_decision and role == ActorRole.TEAM:
            queue_mail("moderation.decision", event.pk, event=event.pk)

    def _apply(self, changes):
        """Write the fields of a proposed change; refused where they make no sense any more."""
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
        # What the caller may have prefetched is no longer so.
        self._prefetched_objects_cache = {}
        self.refresh_from_db()

    def _waiting_revision(self):
        revision = self.revisions.filter(status=RevisionStatus.WAITING).first()
        if revision is None:
            raise TransitionRefused(
                f"Aucun changement de «\u00a0{self.title}\u00a0» n’attend plus\u00a0: rechargez la page."
            )
        return revision

    def _settle(self, status):
        self.revisions.filter(status=RevisionStatus.WAITING).update(status=status, decided_at=timezone.now())

    def _what_happened(self, transition) -> str:
        """Why the change is refused, told with what somebody else did meanwhile."""
        message = (
            f"«\u00a0{self.title}\u00a0» ne peut pas passer à l’état «\u00a0{transition.target.label}\u00a0»\u00a0: "
        )
        return f"{message}{self.latest()}, rechargez la page."

    def latest(self) -> str:
        """The last thing that happened to it, whoever holds it in what state."""
        status = type(self).objects.filter(pk=self.pk).values_list("status", flat=True).first()
        if status is None:
            return "elle n’existe plus"
        last = self.events.first()
        if last is None:
            return f"elle est à l’état «\u00a0{Status(status).label}\u00a0»"
        when = date_format(timezone.localtime(last.at), r"j F \à H:i")
        return f"elle a été {last.told} le {when} par {last.get_role_display()}"
