"""R11: names, free text and addresses of every language, and characters that nobody types."""

import json
import unicodedata
from typing import Any

import pytest

from tests.api.bodies import person, session_body
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office
from tests.http import Response, call

FINE = {
    "Arabic": "ليلى الخطيب",
    "Hebrew": "נועה לוי",
    "Hebrew with points": "שָׁלוֹם",
    "Persian with a joiner": "می‌خواهم",
    "Devanagari": "अनुष्का शर्मा",
    "Vietnamese": "Nguyễn Thị Minh Khai",
    "Chinese": "王小明",
    "a rare Chinese character": "\U00031350",
    "an apostrophe": "Finn O’Connor",
    "a hyphen and dots": "J.-P. d'Été",
    "one letter": "O",
    "small letters": "bell hooks",
    "Turkish": "İbrahim Işık",
    "emoji": "Judo 🥋",
    "a family": "👨‍👩‍👧",
    "a flag": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "a new emoji": "\U0001fae8",
    "markup": "<b>Bobby</b> & 'Tables'; DROP",
    "a formula": "=1+1",
    "two hundred": "x" * 200,
    "two hundred emoji": "👶" * 200,
    "two hundred that grow when compared": "ﷺ" * 200,
}
NOBODY_TYPES = {
    "NUL": "Ki\0m",
    "a bell": "Ki\am",
    "escape": "Ki\x1b[31mm",
    "a line break": "Kim\nKardashian",
    "CR LF": "Kim\r\nBcc: x@x.test",
    "a tab": "Ki\tm",
    "delete": "Ki\x7fm",
    "C1": "Ki\x85m",
    "right-to-left override": "Kim\u202egnp.exe",
    "left-to-right embedding": "\u202aKim",
    "isolates": "\u2066Kim\u2069",
    "a line separator": "Kim\u2028Lee",
    "private use": "Kim\ue000",
    "no character": "Kim\uffff",
    "no character beyond": "Kim\U0001fffe",
    "only what is invisible": "\u200b\u200d",
    "only a soft hyphen": "\u00ad",
    "only a byte order mark": "\ufeff",
    "only spaces of all kinds": "\u00a0\u2003\u3000",
    "only a filler": "\u3164",
}
PASTED = {
    "a zero-width space": "\u200b",
    "a byte order mark": "\ufeff",
    "a left-to-right mark": "\u200e",
    "a right-to-left mark": "\u200f",
    "a word joiner": "\u2060",
    "a soft hyphen": "\u00ad",
}
ADDRESSES = {
    "reserved .test": "ana@school.test",
    "example.org": "Ana@Example.ORG",
    "plus and dots": "a.n.a+kids@example.org",
    "an apostrophe": "o'connor@example.org",
    "an umlaut domain": "ana@bücher.example",
    "the same in ASCII": "ana@xn--bcher-kva.example",
    "capital umlauts": "ANA@BÜCHER.example",
    "a Chinese domain": "ana@例え.テスト",
    "a long name": "a" * 64 + "@example.org",
    "many labels": "ana@" + "x." * 100 + "test",
}
NO_ADDRESSES = {
    "a display name": "Ana <ana@example.org>",
    "angle brackets": "<ana@example.org>",
    "a quoted display name": '"Ana" <ana@example.org>',
    "CR LF and a header": "ana@example.org\r\nBcc: eve@example.org",
    "CR LF inside": "ana@exam\r\nple.org",
    "a line break": "ana@example.org\neve@example.org",
    "two": "ana@example.org, eve@example.org",
    "a semicolon": "ana@example.org;eve@example.org",
    "NUL": "ana\0@example.org",
    "a space": "a na@example.org",
    "quotes": '"a na"@example.org',
    "an address literal": "ana@[127.0.0.1]",
    "no dot": "ana@localhost",
    "no name": "@example.org",
    "no domain": "ana@",
    "no at": "ana.example.org",
    "two ats": "ana@eve@example.org",
    "two dots": "ana..b@example.org",
    "a dot first": ".ana@example.org",
    "a hyphen first": "ana@-example.org",
    "a label too long": "ana@" + "x" * 64 + ".test",
    "a name too long": "a" * 65 + "@example.org",
    "too long": "ana@" + "x." * 130 + "test",
    "10,000": "a" * 10_000 + "@example.org",
    "a name with an accent": "josé@example.org",
    "a name beyond ASCII": "梅@example.org",
    "a comment": "ana(comment)@example.org",
    "mailto": "mailto:ana@example.org?bcc=eve@example.org",
    "nothing": "",
}  # fmt: skip


def faulty(answer: Response, pointer: str, code: str = "") -> None:
    assert (answer.status, answer.json["code"]) == (422, "validation_failed"), answer.text
    assert [error["field"] for error in answer.json["errors"]] == [pointer]
    assert not code or [error["code"] for error in answer.json["errors"]] == [code]


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return {}


@pytest.mark.parametrize("name", FINE.values(), ids=FINE)
def test_names_of_all_kinds_are_kept_as_typed(demo: Office, name: str) -> None:
    typed = unicodedata.normalize("NFC", name)
    session = demo.session(title=name, location=name, tags=[name], tiers=[{"name": name, "price": {"amount": 1, "currency": "EUR"}}])
    registered = demo.register(session, "", name, **{})
    assert registered["participants"] == [{"name": typed}]
    seen = demo.read(session)
    assert (seen["title"], seen["location"], seen["tags"], seen["tiers"][0]["name"]) == (typed, typed, [typed], typed)


@pytest.mark.parametrize("name", NOBODY_TYPES.values(), ids=NOBODY_TYPES)
def test_control_and_bidi_characters_in_a_name_are_refused(demo: Office, name: str) -> None:
    session = demo.kept_thing("session", lambda: {"session": demo.session()})["session"]
    with nothing_stored():
        faulty(demo.call("POST", "/sessions", session_body(title=name)), "/title")
        faulty(demo.enrol(session, "", name), "/participants/0/name")
        faulty(demo.call("POST", "/staff", {"email": "eve@demo.test", "name": name, "role": "viewer"}, by="owner"), "/name")


@pytest.mark.parametrize("text", ["\0", "a\x1bb", "\u202e", "a\rb", "a\x85b", "\uffff", "\ue000"], ids=ascii)
def test_free_text_takes_line_breaks_and_tabs_and_no_other_control_characters(demo: Office, text: str) -> None:
    with nothing_stored():
        faulty(demo.call("POST", "/sessions", session_body(description=text)), "/description", "control_characters")
    session = demo.session(description="  One\r\nTwo\n\n\tThree 🥋\n")
    assert demo.read(session)["description"] == "One\nTwo\n\n\tThree 🥋"


def test_a_name_is_composed_and_trimmed(demo: Office) -> None:
    session = demo.session(title="  Cafe\u0301\u00a0 ")
    assert demo.read(session)["title"] == "Café"


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_addresses_are_kept_as_typed_and_compared_in_small_letters(demo: Office, address: str) -> None:
    session = demo.session()
    invitation = demo.invite(session, f" {address} ")
    assert invitation["email"] == address
    again = demo.ask(session, address.upper() if address.upper().lower() == address.lower() else address)
    assert (again.status, again.json["code"], again.json["invitation"]) == (409, "already_invited", invitation["id"])
    assert demo.accept(invitation, address.lower()).status == 201


def test_an_address_that_mail_cannot_reach_says_why(demo: Office) -> None:
    faulty(demo.ask(demo.session(), "jose\u0301@example.org"), "/email", "accents_in_address")


@pytest.mark.parametrize("invisible", PASTED.values(), ids=PASTED)
def test_invisible_pasted_characters_are_removed(demo: Office, invisible: str) -> None:
    session = demo.session(title=f"{invisible}Pot{invisible}tery")
    assert demo.read(session)["title"] == "Pottery"
    assert demo.invite(session, f"{invisible}ana{invisible}@example.org")["email"] == "ana@example.org"
    assert demo.ask(session, "ana@example.org").json["code"] == "already_invited"


@pytest.mark.parametrize("invisible", PASTED.values(), ids=PASTED)
def test_they_are_removed_from_what_other_programs_are_set_up_with(demo: Office, invisible: str) -> None:
    webhook = demo.call("POST", "/webhooks", {"url": f"{invisible}https://example.org/hook{invisible}", "events": ["*"]}, by="owner")
    assert webhook.json["url"] == "https://example.org/hook"
    assert demo.call("DELETE", f"/webhooks/{webhook.json['id']}", by="owner").status == 204
    keys = {"stripe_secret_key": f" sk_test_1{invisible}", "stripe_webhook_secret": f"{invisible}whsec_1 "}
    changed = demo.call("PATCH", "", {"embed_origins": [f"{invisible}https://www.example.org{invisible}"], **keys}, by="owner")
    assert (changed.status, changed.json["embed_origins"], changed.json["online_payment"]) == (200, ["https://www.example.org"], True)


def test_an_origin_that_was_answered_can_be_sent_back(demo: Office) -> None:
    origins = demo.call("PATCH", "", {"embed_origins": ["https://müller.example"]}, by="owner").json["embed_origins"]
    again = demo.call("PATCH", "", {"embed_origins": origins}, by="owner")
    assert (again.status, again.json["embed_origins"]) == (200, origins)


def test_full_width_letters_are_the_same_address(demo: Office) -> None:
    session = demo.session()
    assert demo.invite(session, "\uff41\uff4e\uff41\uff20example.org")["email"] == "ana@example.org"
    assert demo.ask(session, "ana@example.org").json["code"] == "already_invited"


def test_dots_and_pluses_make_other_addresses(demo: Office) -> None:
    session = demo.session()
    for address in ("ana@example.org", "a.na@example.org", "ana+kids@example.org"):
        assert demo.ask(session, address).status == 201


@pytest.mark.parametrize("address", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_an_invalid_address_is_refused_in_every_field(demo: Office, address: str) -> None:
    thing = demo.kept_thing("session", lambda: {"session": demo.session()})
    invitation = demo.kept_thing("invited", lambda: {"link": demo.invite()["link"]})
    with nothing_stored():
        faulty(demo.call("POST", f"/sessions/{thing['session']}/invitations", {"email": address}), "/email")
        faulty(call("POST", f"/v1/portal/demo/sessions/{thing['session']}/registrations", person(address)), "/email")
        faulty(call("POST", "/v1/invitations/" + invitation["link"].rpartition("/i/")[2] + "/accept", person(address)), "/email")
        faulty(demo.call("POST", "/staff", {"email": address, "name": "Eve", "role": "viewer"}, by="owner"), "/email")
        faulty(call("POST", "/v1/auth/forgot-password", {"email": address}), "/email")
        if address:
            faulty(demo.call("PATCH", "", {"reply_to": address}, by="owner"), "/reply_to")


@pytest.mark.parametrize(
    "answer", [10**16, -(10**16), 10**400, 1e300, "5e400", [1], {"a": 1}, None, "x" * 5_001, "a\0b"], ids=lambda value: str(value)[:12]
)
def test_an_answer_of_the_wrong_kind_is_refused_with_one_fault(demo: Office, answer: Any) -> None:
    questions = [{"id": "q1", "label": "How many?", "kind": "number"}]
    session = demo.kept_thing("asking", lambda: {"session": demo.session(questions=questions)})["session"]
    body = json.dumps(person("ana@example.org", answers={"q1": answer})).replace('"5e400"', "5e400")
    with nothing_stored():
        faulty(call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body), "/answers/q1")


@pytest.mark.parametrize("answer", [0, -3, 2.5, 1e-7, 1e-200, -0.0, 10**15, 1e15, 0.1, 123456789.123456], ids=str)
def test_a_number_is_read_back_as_it_was_answered(demo: Office, answer: float) -> None:
    session = demo.session(questions=[{"id": "q1", "label": "How many?", "kind": "number"}])
    registered = demo.register(session, answers={"q1": answer})
    read = demo.call("GET", f"/registrations/{registered['id']}").json["answers"]["q1"]
    assert read == pytest.approx(answer, abs=1e-9)
    assert demo.roster(session)["registrations"][0]["answers"]["q1"] == read


@pytest.mark.parametrize("name", ["", "q 1", "q#1", "x" * 41, "é", "../q1"])
def test_an_invalid_question_id_is_named_by_a_pointer(demo: Office, name: str) -> None:
    with nothing_stored():
        answer = demo.enrol("nothing-there", answers={name: "x"})
    faulty(answer, "/answers/" + name.replace("/", "~1"))
