"""The people of the state machine: what each may do, and what they must be told."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import Accepted, accept, cancel_invitation, decline
from chalicelib.operations.registrations import Registered, remove_registration
from chalicelib.rules.drafts.invitations import Acceptance
from chalicelib.rules.drafts.registrations import ParticipantDraft
from chalicelib.rules.invitations import InvitationOver
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import HasAnOffer, MoreThanTheSession, SpotsAreFree, WaitlistClosed
from chalicelib.tables import ledger
from tests.live.ledger.scene import ORG, fresh, invited, named, registered, resized
from tests.live.waitlist.machine import CALM, CUTOFF, Scene, Trouble
from tests.live.waitlist.model import Seat, Waiter
from tests.live.waitlist.scene import joined, offered_by_hand

sizes = st.sampled_from([1, 1, 2, 3])
picks = st.integers(0, 12)
troubles = st.one_of(
    st.just(CALM),
    st.builds(Trouble, st.sampled_from(["crash before", "crash after", "lost", "overlap"]), st.integers(1, 9), st.integers(0, 99)),
)


class Line(Scene):
    """People before a session of a few small chunks."""

    @initialize(
        parties=st.lists(sizes, min_size=2, max_size=3),
        waiting=st.lists(sizes, min_size=1, max_size=3),
        strict=st.booleans(),
        more=st.sampled_from([0, 0, 1]),
        trouble=troubles,
    )
    def open(self, parties: list[int], waiting: list[int], strict: bool, more: int, trouble: Trouble) -> None:
        """Somebody waits before a session that is full or nearly so, and somebody who sits in it goes."""
        self.fill(parties, more, waiting)
        self.set_mode(strict=strict)
        self.somebody_goes(0, trouble)
        self.follow(trouble)
        self.check()

    @rule(size=sizes, trouble=troubles)
    def join(self, size: int, trouble: Trouble) -> None:
        self.now += timedelta(seconds=1)
        email, key = f"{fresh('waiter')}@example.org", fresh("key")
        answer = self.do(trouble, lambda: joined(self.session, size, email=email, key=key, now=self.now))
        if self.now >= CUTOFF:
            assert isinstance(answer, WaitlistClosed)
        elif size > self.model.total:
            assert isinstance(answer, MoreThanTheSession)
        elif self.model.answer(size, self.now) == "yes":
            assert isinstance(answer, SpotsAreFree)
        else:
            assert not isinstance(answer, Refusal), answer
            self.model.waiters.append(Waiter(answer, size))

    @rule(size=sizes, trouble=troubles)
    def the_public_registers(self, size: int, trouble: Trouble) -> None:
        key, email = fresh("key"), f"{fresh('parent')}@example.org"
        answer = self.do(trouble, lambda: registered(self.session, email, party=size, key=key, now=self.now))
        if self.model.answer(size, self.now) == "yes":
            assert isinstance(answer, Registered), answer
            self.model.seats.append(Seat(size, answer.registration.id))
        else:
            assert isinstance(answer, SessionFull), answer

    @rule(pick=picks, trouble=troubles)
    def somebody_goes(self, pick: int, trouble: Trouble) -> None:
        """A registration is removed: one of the public, or one that was there before."""
        seats = [seat for seat in self.model.seats if not seat.gone and not seat.invitation]
        if not seats:
            return
        seat = seats[pick % len(seats)]
        if seat.id.startswith("before"):
            assert self.do(trouble, lambda: self.let_go(seat)) is None
        else:
            self.follow(trouble)
            answer = self.do(trouble, lambda: remove_registration(ORG, named(self.session, seat.id), by="staff", now=self.now))
            assert answer is None, answer
        seat.gone = True

    def let_go(self, seat: Seat) -> None:
        found = ledger.locate(ORG, self.session, seat.id, chunk=0)
        if found:
            ledger.release(ORG, self.session, seat.id, found[1], chunk=found[0])

    @rule(total=st.integers(0, 8), trouble=troubles)
    def resize(self, total: int, trouble: Trouble) -> None:
        assert not isinstance(self.do(trouble, lambda: resized(self.session, total, now=self.now)), Refusal)
        self.model.total = total

    @rule(pick=picks, hours=st.integers(1, 3), waiter=st.booleans(), trouble=troubles)
    def invite_over_capacity(self, pick: int, hours: int, waiter: bool, trouble: Trouble) -> None:
        """Staff invite somebody, who may be on the list; what is not free is extra."""
        waiting = [other for other in self.model.live if other.status == "waiting" and not (other.invited and other.invited.pending)]
        chosen = waiting[pick % len(waiting)] if waiter and waiting else None
        email, key, until = (
            chosen.entry.email if chosen else f"{fresh('guest')}@example.org",
            fresh("key"),
            self.now + timedelta(hours=hours),
        )
        free = self.model.free(self.now)
        answer = self.do(trouble, lambda: invited(self.session, email, key=key, now=self.now, over=True, expires_at=until))
        assert not isinstance(answer, Refusal), answer
        seat = Seat(1, answer.invitation.id, 0 if free else 1, until, answer.invitation)
        self.model.seats.append(seat)
        if chosen:
            chosen.invited = seat

    @precondition(lambda self: any(seat.pending for seat in self.model.seats))
    @rule(pick=picks, trouble=troubles)
    def accept(self, pick: int, trouble: Trouble) -> None:
        seat = self.pending(pick)
        form = Acceptance(email=seat.invitation.email, name="Ana", participants=[ParticipantDraft(name="Kim")])
        answer = self.do(trouble, lambda: accept(links.invitation_token(seat.invitation), form, locale="en", now=self.now))
        if seat.live(self.now):
            assert isinstance(answer, Accepted), answer
            seat.accept()
        else:
            assert isinstance(answer, InvitationOver), answer

    @precondition(lambda self: any(seat.pending for seat in self.model.seats))
    @rule(pick=picks, trouble=troubles)
    def decline(self, pick: int, trouble: Trouble) -> None:
        seat = self.pending(pick)
        answer = self.do(trouble, lambda: decline(links.invitation_token(seat.invitation), now=self.now))
        if seat.live(self.now):
            assert answer is None, answer
            seat.end("declined")
        else:
            assert isinstance(answer, InvitationOver), answer

    @precondition(lambda self: any(seat.pending for seat in self.model.seats))
    @rule(pick=picks, trouble=troubles)
    def take_back(self, pick: int, trouble: Trouble) -> None:
        seat = self.pending(pick)
        answer = self.do(trouble, lambda: cancel_invitation(ORG, named(self.session, seat.id), by="staff", now=self.now))
        assert not isinstance(answer, Refusal), answer
        seat.end("cancelled")

    def pending(self, pick: int) -> Any:
        pending = [seat for seat in self.model.seats if seat.pending]
        return pending[pick % len(pending)]

    @precondition(lambda self: self.model.live)
    @rule(pick=picks, by_link=st.booleans(), trouble=troubles)
    def leave(self, pick: int, by_link: bool, trouble: Trouble) -> None:
        self.follow()
        if not self.model.live:
            return
        waiter = self.model.live[pick % len(self.model.live)]
        own = waiter.entry.id
        if by_link:
            answer = self.do(trouble, lambda: waitlist.leave(links.waitlist_token(ORG, self.session, own), now=self.now))
        else:
            answer = self.do(trouble, lambda: waitlist.remove_entry(ORG, named(self.session, own), by="staff", now=self.now))
        assert answer is None, answer
        if waiter.status == "offered" and waiter.seat and not waiter.seat.ended:
            waiter.seat.end("declined" if by_link else "cancelled")
        waiter.status = "left" if by_link else "removed"

    @precondition(lambda self: self.model.live)
    @rule(pick=picks, position=st.integers(1, 5), trouble=troubles)
    def move(self, pick: int, position: int, trouble: Trouble) -> None:
        self.follow()
        if self.model.live:
            waiter = self.model.live[pick % len(self.model.live)]
            own = named(self.session, waiter.entry.id)
            assert not isinstance(self.do(trouble, lambda: waitlist.move_entry(ORG, own, position)), Refusal)
            self.model.move(waiter, position)

    @precondition(lambda self: self.model.live)
    @rule(pick=picks, trouble=troubles)
    def offer_by_hand(self, pick: int, trouble: Trouble) -> None:
        self.follow()
        if not self.model.live:
            return
        waiter = self.model.live[pick % len(self.model.live)]
        own_invitation = waiter.invited and waiter.invited.pending and waiter.invited.live(self.now)
        answer = self.do(trouble, lambda: offered_by_hand(waiter.entry, now=self.now))
        if waiter.status == "offered":
            assert isinstance(answer, HasAnOffer)
        elif own_invitation or self.model.free(self.now) >= waiter.size:
            assert not isinstance(answer, Refusal) or (trouble.kind == "crash after" and isinstance(answer, HasAnOffer)), answer
            self.model.offer(waiter, self.now)
            self.check_after(trouble)
        else:
            assert isinstance(answer, SessionFull)

    def check_after(self, trouble: Trouble) -> None:
        """An offer has its invitation's name from the handlers' look."""
        self.follow(trouble)
        self.check()

    @rule(strict=st.booleans(), auto=st.sampled_from([True, True, False]), trouble=troubles)
    def change_the_rules(self, strict: bool, auto: bool, trouble: Trouble) -> None:
        self.follow()
        self.set_mode(strict=strict, auto=auto)
        self.late = True
        self.schedule(trouble)
        self.check()

    @precondition(lambda self: self.now < CUTOFF)
    @rule(hours=st.sampled_from([1, 2, 23, 25]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.late = True

    @rule(trouble=troubles)
    def the_clock_strikes(self, trouble: Trouble) -> None:
        self.schedule(trouble)
        self.check()

    @rule(trouble=troubles)
    def the_cutoff_comes(self, trouble: Trouble) -> None:
        self.follow()
        self.now = max(self.now, CUTOFF)
        self.schedule(trouble)
        self.check()

    @rule(trouble=troubles)
    def the_handlers_run(self, trouble: Trouble) -> None:
        self.follow(trouble)
        self.check()

    def teardown(self) -> None:
        if self.session:
            self.follow()
            self.check()
