"""The actions of the state machine: what each person may do, and the answers that they must get."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import Accepted, accept, cancel_invitation, decline
from chalicelib.operations.registrations import Registered, remove_registration
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.invitations import InvitationEnded
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import AlreadyOffered, MoreThanCapacity, SpotsAreFree, WaitlistClosed
from chalicelib.tables import ledger
from tests.live.ledger.scenario import ORG, fresh, invited, named, registered, resized
from tests.live.waitlist.model import Seat, Waiter
from tests.live.waitlist.scenario import joined, offered_by_hand
from tests.live.waitlist.state_machine import CALM, CUTOFF, Fault, StateMachine

sizes = st.sampled_from([1, 1, 2, 3])
picks = st.integers(0, 12)
faults = st.one_of(
    st.just(CALM),
    st.builds(Fault, st.sampled_from(["crash before", "crash after", "lost", "overlap"]), st.integers(1, 9), st.integers(0, 99)),
)


class Line(StateMachine):
    """People at a session of a few small chunks, with a waitlist."""

    @initialize(
        parties=st.lists(sizes, min_size=2, max_size=3),
        waiting=st.lists(sizes, min_size=1, max_size=3),
        strict=st.booleans(),
        more=st.sampled_from([0, 0, 1]),
        fault=faults,
    )
    def open(self, parties: list[int], waiting: list[int], strict: bool, more: int, fault: Fault) -> None:
        """Entries wait for a full or nearly full session, and a registration is removed."""
        self.fill(parties, more, waiting)
        self.set_mode(strict=strict)
        self.somebody_goes(0, fault)
        self.follow(fault)
        self.check()

    @rule(size=sizes, fault=faults)
    def join(self, size: int, fault: Fault) -> None:
        self.now += timedelta(seconds=1)
        email, key = f"{fresh('waiter')}@example.org", fresh("key")
        answer = self.do(fault, lambda: joined(self.session, size, email=email, key=key, now=self.now))
        if self.now >= CUTOFF:
            assert isinstance(answer, WaitlistClosed)
        elif size > self.model.total:
            assert isinstance(answer, MoreThanCapacity)
        elif self.model.answer(size, self.now) == "yes":
            assert isinstance(answer, SpotsAreFree)
        else:
            assert not isinstance(answer, Refusal), answer
            self.model.waiters.append(Waiter(answer, size))

    @rule(size=sizes, fault=faults)
    def the_public_registers(self, size: int, fault: Fault) -> None:
        key, email = fresh("key"), f"{fresh('parent')}@example.org"
        answer = self.do(fault, lambda: registered(self.session, email, party=size, key=key, now=self.now))
        if self.model.answer(size, self.now) == "yes":
            assert isinstance(answer, Registered), answer
            self.model.seats.append(Seat(size, answer.registration.id))
        else:
            assert isinstance(answer, SessionFull), answer

    @rule(pick=picks, fault=faults)
    def somebody_goes(self, pick: int, fault: Fault) -> None:
        """A registration is removed: one of the public, or one from the start."""
        seats = [seat for seat in self.model.seats if not seat.gone and not seat.invitation]
        if not seats:
            return
        seat = seats[pick % len(seats)]
        if seat.id.startswith("before"):
            assert self.do(fault, lambda: self.give_back(seat)) is None
        else:
            self.follow(fault)
            answer = self.do(fault, lambda: remove_registration(ORG, named(self.session, seat.id), by="staff", now=self.now))
            assert answer is None, answer
        seat.gone = True

    def give_back(self, seat: Seat) -> None:
        found = ledger.locate(ORG, self.session, seat.id, chunk=0)
        if found:
            ledger.release(ORG, self.session, seat.id, found.hold, chunk=found.chunk)

    @rule(total=st.integers(0, 8), fault=faults)
    def resize(self, total: int, fault: Fault) -> None:
        assert not isinstance(self.do(fault, lambda: resized(self.session, total, now=self.now)), Refusal)
        self.model.total = total

    @rule(pick=picks, hours=st.integers(1, 3), waiter=st.booleans(), fault=faults)
    def invite_over_capacity(self, pick: int, hours: int, waiter: bool, fault: Fault) -> None:
        """Staff invite an address, possibly one on the waitlist; missing spots become extras."""
        waiting = [other for other in self.model.live if other.status == "waiting" and not (other.invited and other.invited.pending)]
        chosen = waiting[pick % len(waiting)] if waiter and waiting else None
        email, key, until = (
            chosen.entry.email if chosen else f"{fresh('guest')}@example.org",
            fresh("key"),
            self.now + timedelta(hours=hours),
        )
        free = self.model.free(self.now)
        answer = self.do(fault, lambda: invited(self.session, email, key=key, now=self.now, over=True, expires_at=until))
        assert not isinstance(answer, Refusal), answer
        seat = Seat(1, answer.invitation.id, 0 if free else 1, until, answer.invitation)
        self.model.seats.append(seat)
        if chosen:
            chosen.invited = seat

    @precondition(lambda self: any(seat.pending for seat in self.model.seats))
    @rule(pick=picks, fault=faults)
    def accept(self, pick: int, fault: Fault) -> None:
        seat = self.pending(pick)
        form = AcceptInput(email=seat.invitation.email, name="Ana", participants=[ParticipantInput(name="Kim")])
        answer = self.do(fault, lambda: accept(links.invitation_token(seat.invitation), form, locale="en", now=self.now))
        if seat.live(self.now):
            assert isinstance(answer, Accepted), answer
            seat.accept()
        else:
            assert isinstance(answer, InvitationEnded), answer

    @precondition(lambda self: any(seat.pending for seat in self.model.seats))
    @rule(pick=picks, fault=faults)
    def decline(self, pick: int, fault: Fault) -> None:
        seat = self.pending(pick)
        answer = self.do(fault, lambda: decline(links.invitation_token(seat.invitation), now=self.now))
        if seat.live(self.now):
            assert answer is None, answer
            seat.end("declined")
        else:
            assert isinstance(answer, InvitationEnded), answer

    @precondition(lambda self: any(seat.pending for seat in self.model.seats))
    @rule(pick=picks, fault=faults)
    def take_back(self, pick: int, fault: Fault) -> None:
        seat = self.pending(pick)
        answer = self.do(fault, lambda: cancel_invitation(ORG, named(self.session, seat.id), by="staff", now=self.now))
        assert not isinstance(answer, Refusal), answer
        seat.end("cancelled")

    def pending(self, pick: int) -> Any:
        pending = [seat for seat in self.model.seats if seat.pending]
        return pending[pick % len(pending)]

    @precondition(lambda self: self.model.live)
    @rule(pick=picks, by_link=st.booleans(), fault=faults)
    def leave(self, pick: int, by_link: bool, fault: Fault) -> None:
        self.follow()
        if not self.model.live:
            return
        waiter = self.model.live[pick % len(self.model.live)]
        id = waiter.entry.id
        if by_link:
            answer = self.do(fault, lambda: waitlist.leave(links.waitlist_token(waiter.entry), now=self.now))
        else:
            answer = self.do(fault, lambda: waitlist.remove_entry(ORG, named(self.session, id), by="staff", now=self.now))
        assert answer is None, answer
        if waiter.status == "offered" and waiter.seat and not waiter.seat.ended:
            waiter.seat.end("declined" if by_link else "cancelled")
        waiter.status = "left" if by_link else "removed"

    @precondition(lambda self: self.model.live)
    @rule(pick=picks, position=st.integers(1, 5), fault=faults)
    def move(self, pick: int, position: int, fault: Fault) -> None:
        self.follow()
        if self.model.live:
            waiter = self.model.live[pick % len(self.model.live)]
            id = named(self.session, waiter.entry.id)
            assert not isinstance(self.do(fault, lambda: waitlist.move_entry(ORG, id, position)), Refusal)
            self.model.move(waiter, position)

    @precondition(lambda self: self.model.live)
    @rule(pick=picks, fault=faults)
    def offer_by_hand(self, pick: int, fault: Fault) -> None:
        self.follow()
        if not self.model.live:
            return
        waiter = self.model.live[pick % len(self.model.live)]
        own_invitation = waiter.invited and waiter.invited.pending and waiter.invited.live(self.now)
        answer = self.do(fault, lambda: offered_by_hand(waiter.entry, now=self.now))
        if waiter.status == "offered":
            assert isinstance(answer, AlreadyOffered)
        elif own_invitation or self.model.free(self.now) >= waiter.size:
            assert not isinstance(answer, Refusal) or (fault.kind == "crash after" and isinstance(answer, AlreadyOffered)), answer
            self.model.offer(waiter, self.now)
            self.check_after(fault)
        else:
            assert isinstance(answer, SessionFull)

    def check_after(self, fault: Fault) -> None:
        """Let the handlers run, which give the offer the id of its invitation, and compare with the model."""
        self.follow(fault)
        self.check()

    @rule(strict=st.booleans(), auto=st.sampled_from([True, True, False]), fault=faults)
    def change_the_rules(self, strict: bool, auto: bool, fault: Fault) -> None:
        self.follow()
        self.set_mode(strict=strict, auto=auto)
        self.late = True
        self.schedule(fault)
        self.check()

    @precondition(lambda self: self.now < CUTOFF)
    @rule(hours=st.sampled_from([1, 2, 23, 25]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.late = True

    @rule(fault=faults)
    def the_clock_strikes(self, fault: Fault) -> None:
        self.schedule(fault)
        self.check()

    @rule(fault=faults)
    def the_cutoff_comes(self, fault: Fault) -> None:
        self.follow()
        self.now = max(self.now, CUTOFF)
        self.schedule(fault)
        self.check()

    @rule(fault=faults)
    def the_handlers_run(self, fault: Fault) -> None:
        self.follow(fault)
        self.check()

    def teardown(self) -> None:
        if self.session:
            self.follow()
            self.check()
