"""Invitation codes on public pages, without JavaScript: look up, choose a session, register at the contract's price."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.operations import codes, contracts, sessions
from chalicelib.rules.codes import MISSES, UnknownCode
from chalicelib.rules.contracts import Contract, ContractPrice
from chalicelib.rules.inputs.codes import BatchInput, ParticipantCodeInput
from chalicelib.rules.inputs.contracts import ContractChanges, ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes as tables
from tests.aws import Demo
from tests.pages.browser import Browser, Page

PAGE = "/p/demo/code"
FORM = {"name": "Kim Roe", "email": "kim@example.org", "participants/0/name": "Kim"}
TIERS = [{"name": name, "price": {"amount": 2500, "currency": "EUR"}} for name in ("Adult", "Child")]


@pytest.fixture
def contract(demo_org: Demo, today: datetime) -> Contract:
    return contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="acme"), key="acme", now=today)


@pytest.fixture
def priced(contract: Contract) -> Callable[..., ContractPrice]:
    def make(**product: str) -> ContractPrice:
        draft = {"code": "".join(product.values())[:20], "label": "Health check", "price": {"amount": 500, "currency": "EUR"}, **product}
        return contracts.create_price("demo", contract.id, PriceInput.model_validate(draft), key=str(product))

    return make


@pytest.fixture
def code_at(today: datetime) -> Callable[..., str]:
    def make(price: ContractPrice, uses: int = 1) -> str:
        draft = BatchInput(quantity=1, width=8, price=price.id, max_redemptions=uses)
        made = codes.generate_codes("demo", price.contract, draft, by="m", key=f"{price.id}{uses}", now=today)
        return made.codes[0].code

    return make


def look_up(visitor: Browser, code: str) -> Page:
    return visitor.send(visitor.get(PAGE), {"invitation_code": code})


def taken(session: Session, now: datetime) -> int:
    return sessions.read_session("demo", session.id, now=now).spots.taken


def test_the_public_page_leads_to_the_codes(visitor: Browser, demo_org: Demo) -> None:
    assert PAGE in visitor.get("/p/demo").links
    page = visitor.get(PAGE).html
    assert 'autocapitalize="characters"' in page
    assert 'spellcheck="false"' in page
    assert visitor.get("/p/nowhere/code").status == 404


def test_a_code_of_one_session_books_it_at_the_contracts_price(
    visitor: Browser, make_session: Any, priced: Any, code_at: Any, today: datetime
) -> None:
    session = make_session(title="Check-up", tiers=TIERS)
    code = code_at(priced(session=session.id))
    page = look_up(visitor, f" {code[:6].lower()} - {code[6:]} ")
    for words in ("Check-up", "Health check", "€5.00", "per spot", "Total", f"ACME-{code[4:8]}-{code[8:]}"):
        assert words in page.text
    assert "€25.00" not in page.text
    form = page.form(f"/p/demo/sessions/{session.id}")
    assert "tier" not in form.fields
    assert code not in " ".join([form.action, page.path, *page.links])
    done = visitor.follow(visitor.post(form.action, {**form.fields, **FORM}))
    for words in ("You are registered", "€5.00", "What happens next", "the price agreed for your code"):
        assert words in done.text
    assert code not in done.path
    assert (taken(session, today), tables.get("demo", code).left) == (1, 0)
    again = look_up(visitor, code)
    assert again.status == 410
    assert "used already" in again.described("invitation_code")
    assert again.form().fields["invitation_code"] == code


def test_the_same_form_sent_twice_books_once(visitor: Browser, session: Session, priced: Any, code_at: Any, today: datetime) -> None:
    form = look_up(visitor, code_at(priced(session=session.id))).form(f"/p/demo/sessions/{session.id}")
    sent = [visitor.post(form.action, {**form.fields, **FORM}).headers["location"] for _ in range(2)]
    assert sent[0] == sent[1]
    assert taken(session, today) == 1


def test_a_code_for_a_tag_offers_its_open_sessions(visitor: Browser, make_session: Any, priced: Any, code_at: Any) -> None:
    yoga = make_session(title="Yoga", tags=["Health"])
    make_session(title="Full one", tags=["health"], spots_total=0)
    make_session(title="Judo")
    code = code_at(priced(tag="health"))
    page = look_up(visitor, code)
    assert "Yoga" in page.text
    assert "Full one" not in page.text
    assert "Judo" not in page.text
    assert f'name="session" value="{yoga.id}"' in page.html
    chosen = visitor.post(PAGE, {**page.form().fields, "session": yoga.id})
    form = chosen.form(f"/p/demo/sessions/{yoga.id}")
    assert form.fields["invitation_code"] == code
    assert "You are registered" in visitor.follow(visitor.post(form.action, {**form.fields, **FORM})).text


def test_a_code_for_a_tag_without_sessions_can_be_kept(visitor: Browser, priced: Any, code_at: Any) -> None:
    assert "Keep your code: it stays good." in look_up(visitor, code_at(priced(tag="nothing"))).text


def test_a_participants_code_prefills_only_shareable_details(
    visitor: Browser, make_session: Any, priced: Any, contract: Contract, today: datetime
) -> None:
    questions = [
        {"label": "department", "kind": "text"},
        {"label": "Size", "kind": "choice", "options": ["S", "M"]},
        {"label": "Lunch", "kind": "yes_no"},
        {"label": "Blood", "kind": "text"},
    ]
    session = make_session(questions=questions)
    details = {"Department": "Sales", "Size": "m", "Lunch": "Yes", "Blood": "B secret", "Site": "Lyon"}
    draft = ContractParticipantInput(
        client_id="C-1", name="Ana Díaz", email="ana@example.org", details=details, shareable=["Department", "Size", "Lunch", "Site"]
    )
    ana = contracts.add_participant("demo", contract.id, draft, key="ana")
    wanted = ParticipantCodeInput(width=8, price=priced(session=session.id).id)
    _, code = codes.issue_code("demo", contract.id, ana.id, wanted, key="ana", now=today)
    page = look_up(visitor, code.code)
    fields = page.form(f"/p/demo/sessions/{session.id}").fields
    by_label = {question.label: fields[f"answers/{question.id}"] for question in session.questions}
    assert (fields["name"], fields["email"], fields["participants/0/name"]) == ("Ana Díaz", "ana@example.org", "Ana Díaz")
    assert by_label == {"department": "Sales", "Size": "M", "Lunch": "yes", "Blood": ""}
    assert "Lyon" in page.text
    assert "secret" not in page.html
    done = visitor.post(f"/p/demo/sessions/{session.id}", fields)
    assert "You are registered" in visitor.follow(done).text


def test_each_party_that_the_code_allows_is_offered_with_its_total(
    visitor: Browser, session: Session, priced: Any, code_at: Any, today: datetime
) -> None:
    page = look_up(visitor, code_at(priced(session=session.id), 3))
    assert "3 spots – €15.00" in page.text
    assert "4 spots" not in page.text
    form = page.form(f"/p/demo/sessions/{session.id}")
    assert form.fields["party_size"] == "1"
    done = visitor.follow(visitor.post(form.action, {**form.fields, **FORM, "party_size": "2"}))
    assert "€10.00" in done.text
    assert taken(session, today) == 2


def test_too_few_uses_are_refused_at_the_party_size(visitor: Browser, session: Session, priced: Any, code_at: Any, today: datetime) -> None:
    form = look_up(visitor, code_at(priced(session=session.id), 2)).form(f"/p/demo/sessions/{session.id}")
    response = visitor.post(form.action, {**form.fields, **FORM, "party_size": "4"})
    assert response.status == 409
    assert "can be used for 2 more, and this party needs 4" in response.described("party_size")
    assert response.form().fields["email"] == "kim@example.org"
    assert "Health check" in response.text
    assert taken(session, today) == 0


def test_mistakes_keep_the_code_and_its_price(visitor: Browser, session: Session, priced: Any, code_at: Any) -> None:
    code = code_at(priced(session=session.id))
    form = look_up(visitor, code).form(f"/p/demo/sessions/{session.id}")
    response = visitor.post(form.action, {**form.fields, **FORM, "email": "kim"})
    assert response.status == 422
    assert response.described("email")
    assert (response.form().fields["invitation_code"], response.form().fields["name"]) == (code, "Kim Roe")
    assert "Health check" in response.text


def test_a_full_session_refuses_a_code_without_taking_a_use(visitor: Browser, make_session: Any, priced: Any, code_at: Any) -> None:
    session = make_session(spots_total=1)
    price = priced(session=session.id)
    one, other = code_at(price), code_at(price, 2)
    late = look_up(visitor, one).form(f"/p/demo/sessions/{session.id}")
    first = look_up(visitor, other).form(f"/p/demo/sessions/{session.id}")
    visitor.post(first.action, {**first.fields, **FORM})
    response = visitor.post(late.action, {**late.fields, **FORM, "email": "late@example.org"})
    assert response.status == 409
    assert "This session is full." in response.text
    assert tables.get("demo", one).left == 1
    assert "Your code stays good." in look_up(visitor, one).text


def test_a_code_for_another_session_leads_back_to_its_own_page(visitor: Browser, make_session: Any, priced: Any, code_at: Any) -> None:
    right, wrong = make_session(title="Right"), make_session(title="Wrong")
    code = code_at(priced(session=right.id))
    response = visitor.post(f"/p/demo/sessions/{wrong.id}", {**FORM, "invitation_code": code})
    assert response.status == 409
    assert "for another session" in response.described("invitation_code")
    assert visitor.post(PAGE, {"invitation_code": code, "session": wrong.id}).status == 409


def test_a_code_for_a_cancelled_session_is_refused_at_its_field(
    visitor: Browser, session: Session, priced: Any, code_at: Any, today: datetime
) -> None:
    code = code_at(priced(session=session.id))
    sessions.cancel_session("demo", session.id, CancelInput(), by="m", now=today)
    assert "is over or cancelled" in look_up(visitor, code).described("invitation_code")


def test_wrong_codes_are_refused_and_then_throttled(visitor: Browser, session: Session) -> None:
    for _ in range(MISSES):
        response = look_up(visitor, "ACME2345WXYZ")
        assert response.status == 404
        assert "We do not know this code." in response.described("invitation_code")
        assert response.form().fields["invitation_code"] == "ACME2345WXYZ"
    response = look_up(visitor, "ACME2345WXYZ")
    assert response.status == 429
    assert "Try again in 10 minutes." in response.described("invitation_code")
    assert 0 < int(response.headers["retry-after"]) <= 600
    booking = visitor.post(f"/p/demo/sessions/{session.id}", {**FORM, "invitation_code": "ACME2345WXYZ"})
    assert booking.status == 429


def test_an_empty_code_does_not_count_as_a_failed_attempt(visitor: Browser, demo_org: Demo) -> None:
    for _ in range(MISSES + 1):
        assert look_up(visitor, " ").status == 422


def test_in_french(french: Browser, make_session: Any, priced: Any, code_at: Any) -> None:
    session = make_session(tags=["x"])
    assert "J’ai un code" in french.get("/p/demo").text
    assert "Votre code" in look_up(french, code_at(priced(tag="x"))).text
    page = look_up(french, code_at(priced(session=session.id), 2))
    assert "par place" in page.text
    form = page.form(f"/p/demo/sessions/{session.id}")
    few = french.post(form.action, {**form.fields, **FORM, "party_size": "3"})
    assert "encore" in few.described("party_size")
    assert "Inscription confirmée" in french.follow(french.post(form.action, {**form.fields, **FORM})).text
    assert "code" in look_up(french, "ACME2345WXYZ").described("invitation_code")


@pytest.mark.parametrize(("hour", "found"), [(21, True), (22, False)], ids=["the last hour in Paris", "midnight in Paris"])
def test_a_contract_ends_with_its_last_day_in_the_time_zone_of_the_organisation(
    hour: int, found: bool, contract: Contract, priced: Callable[..., ContractPrice], code_at: Callable[..., str], session: Session
) -> None:
    code = code_at(priced(session=session.id))
    ends = ContractChanges.model_validate({"ends_on": "2030-06-30"})
    contracts.edit_contract("demo", contract.id, ends, expected=None)
    now = datetime(2030, 6, 30, hour, 59, tzinfo=UTC)
    if found:
        assert codes.look_up("demo", code, source="192.0.2.1", now=now).session
    else:
        with pytest.raises(UnknownCode):
            codes.look_up("demo", code, source="192.0.2.1", now=now)
