"""R23: refusals, faults, notifications, reports and invoices show no sentence that goes around the catalogue."""

import io
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from pypdf import PdfReader

from chalicelib.operations.invoices import InvoiceView, pdf
from chalicelib.operations.notifications.text import NotificationContext, sentence
from chalicelib.operations.reports import draw, export_report
from chalicelib.rules import alternatives, attendance, invitations, refunds, registration_refusals
from chalicelib.rules.bulk_invitations import NotEnoughSpots
from chalicelib.rules.erasure import ERASED
from chalicelib.rules.input_errors import EXPLANATIONS, UNREADABLE
from chalicelib.rules.invoices import DocumentStatus
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.notification_triggers import JOBS
from chalicelib.rules.notifications import Notification, NotificationKind
from chalicelib.rules.questions import MISFITS
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.report_kinds import ReportName
from chalicelib.rules.reports import DIVISIONS, NAMES, Period, build
from chalicelib.rules.waitlist import SpotsAreFree
from infra.catalogues import extracted
from tests import refusals
from tests.api.tenants import Office
from tests.pseudo_language import unmarked, untranslated
from tests.samples import INVOICE, NOW, ORGANISATION, REGISTRATION, SESSION

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """Every text that the catalogues translate."""
    return {message.id if isinstance(message.id, str) else message.id[0] for message in extracted()}


def sentences(refusal: type[Refusal]) -> list[str]:
    """Return each sentence that the refusal has, depending on its data."""
    of_data: dict[str, list[str]] = {
        "SessionFull": [text for free in range(3) for full in [SessionFull(free=free, wanted=3)] for text in (full.sentence, full.fact)],
        "NotEnoughSpots": [NotEnoughSpots(free=free, wanted=3).sentence for free in range(2)],
        "CannotWaitFor": [*alternatives.SENTENCES.values(), alternatives.CLOSED],
        "MoreThanPaid": [refunds.NOTHING_LEFT, refunds.LESS_LEFT],
        "SpotsAreFree": [SpotsAreFree(free).sentence for free in (1, 2)],
        "AddressUnreachable": list(registration_refusals.UNREACHABLE.values()),
        "InvitationEnded": list(invitations.ENDED_SENTENCES.values()),
        "NoMeetingNow": [attendance.NEXT_MEETING, attendance.NO_NEXT_MEETING],
    }
    return of_data[refusal.__name__] if isinstance(refusal.sentence, property) else [refusal.sentence]


@pytest.mark.parametrize("refusal", refusals.every(), ids=lambda refusal: refusal.__name__)
def test_every_sentence_of_a_refusal_is_translated(refusal: type[Refusal], texts: set[str]) -> None:
    assert set(sentences(refusal)) <= texts


def test_every_fault_of_a_field_is_translated(texts: set[str]) -> None:
    assert {sentence for _, sentence in (UNREADABLE, *EXPLANATIONS.values())} | set(MISFITS.values()) <= texts


REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "/sessions/nothing", None),
    ("POST", "/sessions", {"title": "", "spots_total": "many", "unknown": 1}),
    ("POST", "/customers", {"name": "https://example.org", "email": "nobody", "fields": {"Name": "x"}}),
    ("POST", "/sessions?limit=x", []),
    ("GET", "/customers?limit=x", None),
    ("PATCH", "/nothing", {}),
    ("PUT", "/templates/confirmation/fr", {"subject": "{{nobody}}", "body": "{{ broken"}),
    ("GET", "/reports/revenue?from=2026-12-01&to=2026-01-01&by=nothing", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS, ids=[f"{method} {path}" for method, path, _ in REQUESTS])
def test_the_api_refuses_in_the_language_of_the_caller(method: str, path: str, body: Any, demo: Office, pseudo: None) -> None:
    response = demo.call(method, path, body)
    assert response.status >= 400
    details = [response.json["detail"], *(fault["detail"] for fault in response.json.get("errors", ()))]
    assert unmarked(details) == []
    assert all("⟦" in detail for detail in details)


def test_an_issue_of_a_file_is_in_the_language_of_its_reader(demo: Office, pseudo: None) -> None:
    response = demo.call(
        "POST", "/customers/imports", b"Name,Email,\nAna,nobody,x\nBen,ben@example.org,x,y\n", headers={"Content-Type": "text/csv"}
    )
    assert response.json["status"] == "invalid"
    assert unmarked(issue["detail"] for issue in response.json["issues"]) == []


def rung() -> list[Notification]:
    """Return a notification of each kind, and of each kind of job."""
    jobs = [{"job": "j", "what": what, **more} for what in sorted(JOBS) for more in ({}, {"failures": "some"}, {"contract": "c"})]
    kinds = [(kind, about) for kind in get_args(NotificationKind) for about in (jobs if kind.startswith("job_") else [{}])]
    return [Notification("demo", "n", kind, NOW, about) for kind, about in kinds]


@pytest.mark.parametrize("one", rung(), ids=lambda one: f"{one.kind} {one.about}")
def test_every_notification_is_translated(one: Notification, pseudo: None) -> None:
    text = sentence(one, NotificationContext(), "en")
    assert "⟦" in text
    assert unmarked([text]) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_report_is_translated(name: ReportName, pseudo: None) -> None:
    for division in DIVISIONS:
        report = build(name, division, PERIOD, [], is_current=True)
        assert unmarked(export_report(report, locale="en").splitlines()[0].removeprefix("\ufeff").split(",")) == []
        assert untranslated(draw(report, locale="en")) == []


@pytest.mark.parametrize("status", get_args(DocumentStatus))
def test_the_paper_of_an_invoice_is_translated(status: DocumentStatus, pseudo: None) -> None:
    invoice = replace(INVOICE, credits="2026-0001" if status == "credit" else "", vat_number="FR1")
    view = InvoiceView(invoice, ORGANISATION, status, Money(100, "EUR"), REGISTRATION, SESSION.title, session_cancelled=False)
    pages = PdfReader(io.BytesIO(pdf.draw(view, "en").encode())).pages
    assert unmarked([" ".join(page.extract_text() for page in pages)], names=("Atelier Lumière", "Ana Martin", "Pottery", "Family")) == []


def test_the_paper_of_an_erased_customer_is_in_its_own_language() -> None:
    view = InvoiceView(
        replace(INVOICE, customer=ERASED), ORGANISATION, "open", Money(0, "EUR"), REGISTRATION, SESSION.title, session_cancelled=False
    )
    text = PdfReader(io.BytesIO(pdf.draw(view, "fr").encode())).pages[0].extract_text()
    assert ("Client effacé" in text, ERASED in text) == (True, False)
