"""The main journey on the deployed application: through API Gateway, streams, queue and schedules, with the functions' own permissions."""

import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.deployment.stage import HANDLERS
from infra.local.simulator import DOMAIN
from infra.operation.functions import schedule_event
from tests.live.deployed import packages
from tests.live.deployed.deployment import PYTHON, Deployment
from tests.live.http.conftest import Staff
from tests.live.http.test_codes import Agreement
from tests.live.http.test_imports import finished, send
from tests.live.http.test_main_job import claim_of, fresh, person, soon_over
from tests.live.stack import Reply, eventually

pytestmark = pytest.mark.live
CLIENTS, SPOTS, TRIES = 32, 10, 20
FIND = """
import pkgutil, sys
from importlib import import_module
sys.path[:0] = sys.argv[1:3]
import chalicelib
for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
    import_module(module.name)
for handler in sys.argv[3:]:
    module, _, name = handler.rpartition(".")
    assert callable(getattr(import_module(module), name)), handler
"""


def test_health(deployed: Deployment) -> None:
    assert deployed.call("GET", "/v1/health").json == {"status": "ok"}
    assert "paths" in deployed.call("GET", "/v1/openapi.json").json


def test_each_module_and_handler_is_found_in_the_package_by_a_fresh_process(deployed: Deployment) -> None:
    functions = deployed.aws.client("lambda").list_functions()["Functions"]
    handlers = [function["Handler"] for function in functions]
    assert len(handlers) == len(HANDLERS)
    assert {function["Runtime"] for function in functions} == {f"python{packages.version()}"}, "the one that deployed"
    state = deployed.project.parent / "aws"
    (package,) = (state / "packages").iterdir()
    alone = [str(deployed.project / PYTHON), "-S", "-c", FIND, str(package), str(state / "runtime"), *handlers]
    found = subprocess.run(alone, cwd=package, env={}, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_somebody_is_invited_by_mail_and_accepts(deployed: Deployment, staff: Staff) -> None:
    session, ana = staff.session(spots=2), fresh("ana")
    invitation = staff.invite(session, ana).json
    link = deployed.mail(ana)["text"].splitlines()[0]
    assert link == invitation["link"]
    assert deployed.open(link).status == 200
    assert deployed.call("POST", claim_of(link) + "/accept", person(ana)).status == 201
    assert staff.spots(session) == {"total": 2, "taken": 1, "held": 0, "extra": 0, "free": 1}
    assert "Kim" in deployed.mail(ana, count=2)["text"]


def test_a_code_books_at_its_price(staff: Staff) -> None:
    agreement = Agreement(staff)
    booked = agreement.book(agreement.code())
    assert (booked.status, booked.json["total"]["amount"]) == (201, 500), booked.body


def test_a_list_becomes_customers_in_steps_of_a_job(staff: Staff) -> None:
    made = send(staff, "/customers/imports", f"Name,Email\nAna,{fresh('ana')}\nBen,{fresh('ben')}\n".encode()).json
    job = finished(staff, staff.call("POST", f"/imports/{made['id']}/complete").json["job"])
    assert (job["status"], job["done"], job["failures"]) == ("done", 2, [])


def test_the_delivery_state_of_an_e_mail_is_recorded(staff: Staff) -> None:
    session = staff.session()
    staff.invite(session, f"bounce+{fresh('x').partition('@')[0]}@{DOMAIN}")

    def bounced() -> bool | None:
        messages = staff.call("GET", f"/sessions/{session}/messages").json["items"]
        return [message["state"] for message in messages] == ["bounced"] or None

    assert eventually(bounced)


def test_what_happens_reaches_the_function_that_calls_webhooks(staff: Staff) -> None:
    """Through the streams, their filters and the queue: the name resolves nowhere, so the attempt fails and its reason is in the log."""
    made = staff.call("POST", "/webhooks", {"url": "https://nobody.invalid/hook", "events": ["session.created"]})
    assert made.status == 201, made.body
    session = staff.session()

    def attempted() -> bool | None:
        told = staff.call("GET", f"/webhooks/{made.json['id']}/deliveries").json["items"]
        return [(one["thing"], one["fault"]) for one in told if one["attempts"]] == [(session, "name_not_found")] or None

    assert eventually(attempted)


def test_the_schedules_sweep_expired_invitations(deployed: Deployment, staff: Staff) -> None:
    invitation = soon_over(staff, staff.session())

    def swept() -> bool | None:
        deployed.invoke("run_schedules", schedule_event(datetime.now(UTC)))
        return staff.call("GET", f"/invitations/{invitation['id']}").json["status"] == "expired" or None

    assert eventually(swept)


def test_ten_spots_go_to_ten_of_thirty_two(deployed: Deployment, staff: Staff) -> None:
    session = staff.session(spots=SPOTS)
    path = f"/v1/portal/demo/sessions/{session}/registrations"
    with ThreadPoolExecutor(CLIENTS) as executor:
        replies = list(executor.map(lambda n: with_retries(deployed, path, person(fresh(f"p{n}"), party_size=1)), range(CLIENTS)))
    assert sorted(reply.status for reply in replies) == [201] * SPOTS + [409] * (CLIENTS - SPOTS)
    assert {reply.json["code"] for reply in replies if reply.status == 409} == {"session_full"}
    assert staff.spots(session) == {"total": SPOTS, "taken": SPOTS, "held": 0, "extra": 0, "free": 0}


def with_retries(deployed: Deployment, path: str, body: Any) -> Reply:
    """Send a request, and come again as long as the application is busy, as it is on a slow computer."""
    for _ in range(TRIES):
        reply = deployed.call("POST", path, body)
        if reply.status != 503:
            break
        time.sleep(float(reply.headers["retry-after"]))
    return reply


def test_pages_lead_to_addresses_below_the_stages_prefix(deployed: Deployment, staff: Staff) -> None:
    page = deployed.call("GET", "/p/demo/sign-in", headers={"Accept": "text/html"})
    assert page.status == 200
    paths = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', page.body.decode()))
    assert paths
    assert all(path.startswith("/v/") for path in paths), paths
    for path in paths:
        assert deployed.call("GET", path.removeprefix("/v"), headers={"Accept": "*/*"}).status in {200, 303}, path
