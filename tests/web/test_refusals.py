"""The answer to every refusal: the status of its kind, a sentence filled with its data, and the format of RFC 9457."""

import inspect
import json
import re
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest

from chalicelib.api.endpoints import every
from chalicelib.api.openapi import refusals_of
from chalicelib.api.responses import ApiResponse, Problem, problem
from chalicelib.rules.ages import AgeFault
from chalicelib.rules.auth import WeakPassword
from chalicelib.rules.invitations import ENDED_SENTENCES, InvitationEnded
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Busy, Conflict, Refusal, ValidationFailed
from chalicelib.rules.registration_refusals import AnswersDoNotFit
from chalicelib.rules.roster_messages import UnknownRegistrations
from chalicelib.web.refusals import STATUS, HttpRefusal, retry_after, status_of
from tests.refusals import KINDS
from tests.refusals import every as every_refusal

SAMPLES: dict[str, Any] = {
    **{"invitation": "s-1", "registration": "s-2", "customer": "c-1", "participant": "Kim 100 % %s %(x)s", "status": "cancelled"},
    **{"retry_after": 60, "row": 3, "issues": 2, "free": 2, "wanted": 3, "left": 1, "width": 6, "most": 8, "used": 4},
    **{"party_size": 2, "total": 6, "until": datetime(2026, 11, 29, 12, tzinfo=UTC), "zone": "Europe/Paris"},
    "opens_at": datetime(2030, 1, 1, tzinfo=UTC),
    "suppressed_for": "bounced",
    "refundable": Money(100, "EUR"),
    "coming": None,
    "found": [AgeFault(0, "too_young", "Kim", 5, "6–9")],
    "others": [],
    **{"faults": [("/email", "missing", "Please fill in this field.")], "problems": {"q1": "answer_required"}, "unknown": {0: "r-1"}},
}


def made(kind: type[Refusal]) -> Refusal:
    """Return a refusal of this class with sample data."""
    if kind.__init__ is Refusal.__init__:
        return kind()
    names = list(inspect.signature(kind).parameters.values())
    plain = [SAMPLES.get(name.name, "x") for name in names if name.kind is not name.KEYWORD_ONLY]
    return kind(*plain, **{name.name: SAMPLES.get(name.name, "x") for name in names if name.kind is name.KEYWORD_ONLY})


def test_seven_kinds_have_a_status_each() -> None:
    assert len(KINDS) == 8
    assert len({STATUS[kind] for kind in KINDS if kind is not HttpRefusal}) == 7


@pytest.mark.parametrize("refusal", every_refusal(), ids=lambda refusal: refusal.__name__)
def test_every_refusal_is_of_one_kind_and_has_one_code(refusal: type[Refusal]) -> None:
    assert len([kind for kind in KINDS if issubclass(refusal, kind)]) == 1
    assert 400 <= status_of(refusal) < 600
    assert refusal.code == refusal.code.lower()
    assert refusal.code.replace("_", "").isalpha()


def test_one_code_means_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for refusal in every_refusal():
        statuses.setdefault(refusal.code, set()).add(status_of(refusal))
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.__name__)
def test_its_answer_is_a_problem_whose_sentence_is_filled(kind: type[Refusal]) -> None:
    response = problem(made(kind), "en")
    body = json.loads(response.text())
    Problem.model_validate(body)
    assert (response.kind, body["status"], response.status) == ("application/problem+json", status_of(kind), status_of(kind))
    assert (body["code"], body["type"]) == (kind.code, f"urn:rollbook:problem:{kind.code}")
    assert body["detail"].endswith((".", "?"))
    assert "%(" not in body["detail"].replace(SAMPLES["participant"], "")
    assert not [name for _, name, _, _ in Formatter().parse(body["detail"].replace("%", "")) if name]


ADVICE = {
    *("add", "allow", "answer", "ask", "cancel", "change", "check", "choose", "close", "come", "confirm", "contact", "copy", "correct"),
    *("deactivate", "delete", "edit", "enter", "erase", "invite", "join", "keep", "leave", "look", "make", "name", "note", "open", "pay"),
    *(
        "please",
        "raise",
        "register",
        "reload",
        "remove",
        "resend",
        "revive",
        "save",
        "see",
        "send",
        "sign",
        "split",
        "start",
        "try",
        "turn",
    ),
    *("upload", "use", "wait", "write", "book"),
}
CLAUSE = re.compile(r"[.:;,?] (?:or |then |and )?| or ")


def advises(sentence: str) -> bool:
    """Whether a clause of the sentence begins with an imperative."""
    return any(clause.split(" ")[0].lower() in ADVICE for clause in CLAUSE.split(sentence))


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_to_do_next(kind: type[Refusal]) -> None:
    assert advises(made(kind).sentence)


@pytest.mark.parametrize("free", [0, 1, 2])
def test_a_full_session_says_what_to_do_next(free: int) -> None:
    assert advises(SessionFull(free=free, wanted=3).sentence)
    assert not advises("This session is full.")


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.__name__)
def test_a_temporary_refusal_has_a_retry_after(kind: type[Refusal]) -> None:
    response = problem(made(kind), "en")
    if response.status in {429, 503}:
        assert int(response.headers["Retry-After"]) > 0
    assert ("WWW-Authenticate" in response.headers) == (response.status == 401)


@pytest.mark.parametrize("status", ENDED_SENTENCES)
def test_an_invitation_that_is_over_says_how(status: str) -> None:
    body = json.loads(problem(InvitationEnded(status), "en").text())
    assert (body["status"], body["invitation_status"]) == (410, status)
    assert body["detail"] == ENDED_SENTENCES[status]


@pytest.mark.parametrize(("free", "words"), [(0, "full"), (1, "Only 1 spot is free"), (2, "Only 2 spots are free")])
def test_a_full_session_says_how_many_are_free(free: int, words: str) -> None:
    body = json.loads(problem(SessionFull(free=free, wanted=3), "en").text())
    assert words in body["detail"]
    assert (body["free"], body["wanted"]) == (free, 3)


def test_a_fault_of_ours_tells_nothing() -> None:
    response = problem(None, "en")
    assert response.status == 500
    assert json.loads(response.text()).keys() == {"type", "title", "status", "detail", "code"}


def test_a_new_refusal_needs_no_entry() -> None:
    class VeryBusy(Busy):
        pass

    class NotToday(Conflict):
        pass

    assert (status_of(VeryBusy()), retry_after(VeryBusy())) == (503, retry_after(Busy()))
    assert (status_of(NotToday()), retry_after(NotToday())) == (409, None)


@pytest.mark.parametrize(
    ("refusal", "field", "code"),
    [
        (WeakPassword(), "/password", "weak_password"),
        (AnswersDoNotFit({"/answers/q1": "answer_required"}), "/answers/q1", "answer_required"),
        (UnknownRegistrations({2: "r-1"}), "/registrations/2", "unknown_registration"),
    ],
)
def test_a_refusal_of_single_fields_lists_them(refusal: Refusal, field: str, code: str) -> None:
    [fault] = json.loads(problem(refusal, "en").text())["errors"]
    assert (fault["field"], fault["code"]) == (field, code)


def test_a_route_declares_refusals_and_not_kinds() -> None:
    for declared in every():
        assert refusals_of(declared) <= {*every_refusal()}, declared.path


def test_every_fault_is_listed() -> None:
    faults = [("/email", "missing", "Please fill in this field."), ("", "null", "Nothing."), ("/a~1b", "x", "y")]
    assert [tuple(error.values()) for error in json.loads(problem(ValidationFailed(faults), "en").text())["errors"]] == faults


def test_no_body_no_kind() -> None:
    assert "Content-Type" not in ApiResponse(204).to_chalice("").headers
