"""Every refusal has its answer: a status in the one table, a sentence that its data fill, and the form of RFC 9457."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest

import chalicelib
from chalicelib.api.answers import Answer, Problem, problem
from chalicelib.api.endpoints import every
from chalicelib.api.openapi import refusals_of
from chalicelib.rules.invitations import OVER, InvitationOver
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.web.refusals import STATUS, Invalid, retry_after, status_of

SAMPLES: dict[str, Any] = {
    **{"invitation": "s-1", "registration": "s-2", "customer": "c-1", "participant": "Kim 100 % %s %(x)s", "status": "cancelled"},
    **{"retry_after": 60, "row": 3, "issues": 2, "free": 2, "wanted": 3, "left": 1, "width": 6, "most": 8, "used": 4},
    **{"party_size": 2, "total": 6},
    "opens_at": datetime(2030, 1, 1, tzinfo=UTC),
    **{"faults": [("/email", "missing", "Fill this in.")], "problems": {"q1": "answer_required"}, "unknown": {0: "r-1"}},
}
NEVER_ANSWERED = {"_NobodyThere", "_ThereAlready"}
"""Those that never leave the module that raises them."""


def _everywhere() -> list[type[Refusal]]:
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)
    return sorted(set(_below(Refusal)), key=lambda kind: kind.__name__)


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _below(inner)


REFUSALS = [kind for kind in _everywhere() if kind.__name__ not in NEVER_ANSWERED and kind.__module__.startswith("chalicelib.")]


def made(kind: type[Refusal]) -> Refusal:
    """Return one of this kind with sample data."""
    if kind.__init__ is Refusal.__init__:
        return kind()
    names = list(inspect.signature(kind).parameters.values())
    plain = [SAMPLES.get(name.name, "x") for name in names if name.kind is not name.KEYWORD_ONLY]
    return kind(*plain, **{name.name: SAMPLES.get(name.name, "x") for name in names if name.kind is name.KEYWORD_ONLY})


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_in_the_table_itself(kind: type[Refusal]) -> None:
    assert kind in STATUS
    assert 400 <= STATUS[kind] < 600
    assert kind.code == kind.code.lower()
    assert kind.code.replace("_", "").isalpha()


def test_one_code_means_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for kind in REFUSALS:
        statuses.setdefault(kind.code, set()).add(STATUS[kind])
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_its_answer_is_a_problem_whose_sentence_is_filled(kind: type[Refusal]) -> None:
    answer = problem(made(kind))
    body = json.loads(answer.text())
    Problem.model_validate(body)
    assert (answer.kind, body["status"], answer.status) == ("application/problem+json", STATUS[kind], STATUS[kind])
    assert (body["code"], body["type"]) == (kind.code, f"urn:rollbook:problem:{kind.code}")
    assert body["detail"].endswith((".", "?"))
    assert "%(" not in body["detail"].replace(SAMPLES["participant"], "")
    assert not [name for _, name, _, _ in Formatter().parse(body["detail"].replace("%", "")) if name]


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_what_may_be_tried_again_says_when(kind: type[Refusal]) -> None:
    answer = problem(made(kind))
    if answer.status in {429, 503}:
        assert int(answer.headers["Retry-After"]) > 0
    assert ("WWW-Authenticate" in answer.headers) == (answer.status == 401)


@pytest.mark.parametrize("status", OVER)
def test_an_invitation_that_is_over_says_how(status: str) -> None:
    body = json.loads(problem(InvitationOver(status)).text())
    assert (body["status"], body["invitation_status"]) == (410, status)
    assert body["detail"] == OVER[status]


@pytest.mark.parametrize(("free", "words"), [(0, "full"), (1, "Only 1 spot is free"), (2, "Only 2 spots are free")])
def test_a_full_session_says_how_many_are_free(free: int, words: str) -> None:
    body = json.loads(problem(SessionFull(free=free, wanted=3)).text())
    assert words in body["detail"]
    assert (body["free"], body["wanted"]) == (free, 3)


def test_a_fault_of_ours_tells_nothing() -> None:
    answer = problem(None)
    assert answer.status == 500
    assert json.loads(answer.text()).keys() == {"type", "title", "status", "detail", "code"}


def test_a_kind_that_nobody_listed_answers_as_the_one_that_it_is_of() -> None:
    class VeryBusy(Busy):
        pass

    assert (status_of(VeryBusy()), retry_after(VeryBusy())) == (503, retry_after(Busy()))


def test_whatever_a_route_may_refuse_is_in_the_table() -> None:
    for declared in every():
        assert refusals_of(declared) <= STATUS.keys(), declared.path


def test_every_fault_is_listed() -> None:
    faults = [("/email", "missing", "Fill this in."), ("", "null", "Nothing."), ("/a~1b", "x", "y")]
    assert [tuple(error.values()) for error in json.loads(problem(Invalid(faults)).text())["errors"]] == faults


def test_no_body_no_kind() -> None:
    assert "Content-Type" not in Answer(204).response("").headers
