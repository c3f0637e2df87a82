"""The first data of the local stack: an owner, and a demo organisation in the middle of a usual week.

Everything is made by the operations that people use, so the demo is as consistent as anything else; planted once, never twice.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.operations import contracts, invitations, organisations, pictures, registrations, sessions, staff, waitlist
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.times import written
from chalicelib.tables.organisations import every as every_organisation
from infra import demo_pictures

ORG = "demo"
OWNER = "owner@demo.test"
PARIS = "Europe/Paris"

FAMILIES = [
    ("Camille Moreau", "camille.moreau@demo.test", ["Jules Moreau"]),
    ("Amina Haddad", "amina.haddad@demo.test", ["Yanis Haddad", "Lina Haddad"]),
    ("Thomas Keller", "thomas.keller@demo.test", ["Mia Keller"]),
    ("Sofia Rossi", "sofia.rossi@demo.test", ["Leo Rossi"]),
    ("Priya Nair", "priya.nair@demo.test", ["Anika Nair"]),
    ("Élodie Petit", "elodie.petit@demo.test", ["Noé Petit", "Zoé Petit"]),
    ("James O’Connor", "james.oconnor@demo.test", ["Finn O’Connor"]),
]

STAND_IN_KEYS = {"stripe_secret_key": "sk_test_demo", "stripe_webhook_secret": "whsec_demo"}
"""Keys for the stand-in for Stripe of the local stack. They are valid nowhere else."""

WEEKLY = [
    ("Watercolour", (0,), 10, 90, 10, 12000, "Studio 1, 14 rue des Lilas", "art", 3, "washes"),
    ("Chess club", (0, 4), 16, 60, 8, 7000, "Media library, room A", "science", 6, "board"),
    ("Judo, beginners", (1, 3), 17, 60, 12, 9000, "Gymnase Voltaire", "sport", 7, "belt"),
    ("Theatre for children", (2,), 14, 90, 12, 11000, "Studio 2, 14 rue des Lilas", "stage", 4, "stage"),
    ("Yoga at lunch", (1, 2, 4), 12, 60, 15, 8000, "Studio 1, 14 rue des Lilas", "sport", 4, "hills"),
    ("Choir", (3,), 19, 75, 20, 6000, "Salle Ravel", "music", 5, "notes"),
    ("Family baking", (5,), 11, 120, 6, 9000, "Kitchen, 14 rue des Lilas", "food", 3, "cakes"),
    ("Sunday concert", (6,), 18, 90, 30, 1500, "Salle Ravel", "music", 7, "notes"),
]
"""Weekly courses: title, days of the week from Monday, hour, minutes, spots, price, place, tag, families on it, and picture."""
WEEKS = 10


def create_data(demo: bool, password: str, *, payments: bool = False, now: datetime) -> None:
    """Create the organisation and its owner's password if they are missing; with `demo`, the demo data as well.

    With `payments`, the organisation has keys for the stand-in for Stripe: invoices are paid there, and bookings once the settings say so.
    """
    fresh = ORG not in set(every_organisation())
    organisations.create(ORG, "Atelier Lumière", now=now, locale="en", time_zone=PARIS, currency="EUR")
    staff.set_owner(ORG, OWNER, "Olivia Owner", password=password, now=now)
    if fresh:
        offered: dict[str, Any] = {"cancel_until_hours": 24, "self_service_moves": True, **(STAND_IN_KEYS if payments else {})}
        draft = OrganisationChanges.model_validate({"from_name": "Atelier Lumière", "reply_to": "hello@demo.test", **offered})
        organisations.change(ORG, draft, expected=None)
    if demo and not sessions.list_sessions(ORG, now=now, limit=1).items:
        pictures.change_logo(ORG, demo_pictures.logo(), alt="Atelier Lumière")
        _plant_contract(now, pottery=_plant_sessions(now))


def _plant_sessions(now: datetime) -> str:
    """Make the sessions with the people on them; return the one that the contract is about."""
    pottery = _plant_pottery(now)
    _plant_circus(now)
    _session(
        now, "Spring holiday camp", range(120, 125), 9, 420, spots=60, price=18000, location="Parc Monceau", motif="camp",
        opens_in=60, tags=["camp"],
    )  # fmt: skip
    _plant_weekly_classes(now)
    _plant_robotics(now)
    return pottery


def _plant_pottery(now: datetime) -> str:
    """Make a session with registrations and invitations, and return it."""
    pottery = _session(
        now, "Pottery for beginners", [9], 16, 90, spots=12, price=2400, location="Studio 2, 14 rue des Lilas", motif="vases",
        tags=["clay"],
    )  # fmt: skip
    _register(pottery, FAMILIES[:3], now)
    _add(pottery, FAMILIES[3], now)
    _invite(pottery, "nora.lind@demo.test", now, party_size=2, note="Scholarship place")
    _invite(pottery, "paul.vidal@demo.test", now, forwarding="approve")
    return pottery


def _plant_circus(now: datetime) -> None:
    """Make a full session with a waitlist."""
    circus = _session(now, "Circus workshop", [4], 10, 120, spots=6, price=3000, location="Gymnase Voltaire", motif="tent")
    _register(circus, [FAMILIES[1], FAMILIES[5], FAMILIES[2], FAMILIES[6]], now)
    _wait(circus, "Lucie Bernard", "lucie.bernard@demo.test", 2, now)
    _wait(circus, "Marek Novak", "marek.novak@demo.test", 1, now)


def _plant_robotics(now: datetime) -> None:
    """Make a course with tiers and questions."""
    robots = _session(
        now, "Robotics club", range(2, 72, 7), 17, 75, spots=16, price=9600, location="Media library, room B", motif="robot",
        tags=["science"], tiers=[("Child", 9600), ("Sibling", 7200)],
        questions=[
            {"label": "Has your child soldered before?", "kind": "yes_no", "required": False},
            {"label": "T-shirt size", "kind": "choice", "required": False, "options": ["XS", "S", "M", "L"]},
        ],
    )  # fmt: skip
    _register(robots, FAMILIES[3:6], now, tier="t1")
    _invite(robots, "helen.park@demo.test", now)


def _plant_weekly_classes(now: datetime) -> None:
    """Make courses that began this week, so that the agenda is full on whichever day the stack starts."""
    today = now.astimezone(ZoneInfo(PARIS)).weekday()
    for title, weekdays, hour, minutes, spots, price, location, tag, families, motif in WEEKLY:
        days = [day - today + 7 * week for week in range(WEEKS) for day in weekdays]
        course = _session(now, title, days, hour, minutes, spots=spots, price=price, location=location, tags=[tag], motif=motif)
        for family in FAMILIES[:families]:
            _add(course, family, now)


def _plant_contract(now: datetime, *, pottery: str) -> None:
    """Make a contract with a company whose employees book at agreed prices."""
    draft = ContractInput(name="Helvia staff programme", client="Helvia Insurance", prefix="HELV")
    contract = contracts.create_contract(ORG, draft, key="demo Helvia", now=now).id
    for code, label, amount, product in (
        ("STAFF", "Pottery, Helvia staff", 1800, {"session": pottery}),
        ("FAMILY", "Science, Helvia families", 7200, {"tag": "science"}),
    ):
        price = {"code": code, "label": label, "price": {"amount": amount, "currency": "EUR"}, **product}
        contracts.create_price(ORG, contract, PriceInput.model_validate(price), key=f"demo {code}")
    for client_id, name, department in (
        ("H-1001", "Marta Silva", "Claims"),
        ("H-1002", "Oskar Lindqvist", "IT"),
        ("H-1003", "Yuki Tanaka", "Legal"),
    ):
        details = {"Department": department, "Allergies": "none known"}
        email = f"{name.split()[0].lower()}@helvia.test"
        person = ContractParticipantInput(client_id=client_id, name=name, email=email, details=details, shareable=["Department"])
        contracts.add_participant(ORG, contract, person, key=f"demo {client_id}")


def _session(
    now: datetime, title: str, days: Iterable[int], hour: int, minutes: int, *, spots: int, price: int, location: str, motif: str,
    opens_in: int | None = None, tags: list[str] | None = None, tiers: list[tuple[str, int]] | None = None,
    questions: list[dict[str, Any]] | None = None,
) -> str:  # fmt: skip
    """Create a session with meetings in so many days, at this local hour, and return its id."""
    local = now.astimezone(ZoneInfo(PARIS)).replace(hour=hour, minute=0, second=0, microsecond=0)
    starts = [local + timedelta(days=day) for day in days]
    draft = {
        "title": title,
        "location": location,
        "description": "Everything is provided; please bring a drink and clothes that may get dirty.",
        "time_zone": PARIS,
        "spots_total": spots,
        "meetings": [{"starts_at": start.isoformat(), "ends_at": (start + timedelta(minutes=minutes)).isoformat()} for start in starts],
        "tiers": [{"name": name, "price": {"amount": amount, "currency": "EUR"}} for name, amount in tiers or [("Child", price)]],
        "tags": tags or [],
        "questions": questions or [],
        **({"registration_opens_at": written(now + timedelta(days=opens_in))} if opens_in else {}),
    }
    made = sessions.create_session(ORG, SessionInput.model_validate(draft), key=f"demo {title}", now=now).session.id
    pictures.change_session_picture(ORG, made, demo_pictures.session_picture(motif), alt=demo_pictures.MOTIFS[motif].alt, now=now)
    return made


def _register(session: str, families: list[tuple[str, str, list[str]]], now: datetime, tier: str | None = None) -> None:
    for name, email, children in families:
        draft = RegistrationInput.model_validate(
            {"email": email, "name": name, "participants": [{"name": child} for child in children], "tier": tier}
        )
        registrations.register(ORG, session, draft, locale="en", key=f"demo {session} {email}", now=now)


def _add(session: str, family: tuple[str, str, list[str]], now: datetime) -> None:
    """Add a family to the roster as staff do at the door: paid already."""
    name, email, children = family
    draft = {
        "new_customer": {"name": name, "email": email},
        "participants": [{"name": child} for child in children],
        "billing": {"method": "paid"},
    }
    registrations.add(ORG, session, AddInput.model_validate(draft), by=OWNER, key=f"demo {session} {email}", now=now)


def _wait(session: str, name: str, email: str, spots: int, now: datetime) -> None:
    draft = JoinInput(email=email, name=name, spots=spots)
    waitlist.join(ORG, session, draft, locale="en", key=f"demo {session} {email}", now=now)


def _invite(session: str, email: str, now: datetime, **more: Any) -> None:
    draft = InvitationInput.model_validate({"email": email, **more})
    invitations.invite(ORG, session, draft, by=OWNER, key=f"demo {session} {email}", now=now)
