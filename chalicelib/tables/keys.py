"""The key chart: every access pattern, and the key that serves it. Every key starts with the organisation.

Rosters (`pk` = org#session, `sk`)
    session, its ledger                     pk, sk < "2"                0#SESSION · 1#LEDGER#nn
    roster: the above and everybody on it   pk, sk < "8"                2#INVITATION#id · 3#REGISTRATION#id · 4#WAITING#id
    one invitation, one registration        pk, sk                      their ids carry the session's: `session-own`
    one entry of the waitlist, all of it    pk, sk                      4#WAITING#id
    one live invitation per address         pk, 8#ADDRESS#address       names the invitation
    one live entry per address              pk, 8#WAITING#address       names the entry
    one registration per participant        pk, 9#PARTICIPANT#address#digest of the name   names the registration
    sessions of an organisation by date     index calendar: org, end of the last meeting#session   (only sessions)
    invitations that run out                index due: org, expires_at#…                            (only pending ones)
    entries that wait or have an offer      index due: org#waitlist, session#id
    invitations to remind of                index remind: org, remind_at                            (only those that wait for it)
    registrations of an address             index booker: org#address, created_at                   (only registrations)
    invitations of an address               index booker: org#address#invited, created_at           (ended ones stay in it)
    entries of an address                   index booker: org#address#waiting, created_at           (ended ones stay in it)
    registrations of an organisation        index orders: org, created_at                           (only registrations)
Records (`pk` = org, `sk`)
    settings                                ORGANISATION
    keys for online payment                 pk = org#stripe, KEYS      read by nothing else
    one member, all members                 MEMBER#user
    memberships of a user                   index user
    one invoice or credit note; all of      pk = org#invoices, INVOICE#year-place · INVOICE#yearC-place
    them, latest first
    how many of each a year has             pk = org#invoices, COUNT#year · COUNT#Cyear
    what an address wants or does not get   ADDRESS#address            and whose it is: `customer`
    one customer                            pk = org#customers, CUSTOMER#id
    one group of customers, all groups      pk = org#customers, GROUP#id
    who has a group's name                  pk = org#customers, GROUPED#digest of the name
    customers to remind                     index due: org, moment#id   (only those who wait for it)
    customers of an account                 index user, as memberships: one for each organisation
    customers by name                       index directory: org, name#id   (only customers)
    one job                                 pk = org#jobs, JOB#id
    the items of a job, in long rows        pk = org#jobs, ITEMS#id#how many come before
    jobs, latest first                      index directory: org#jobs, created_at#id   (only jobs)
    one contract, all contracts             pk = org#contracts, CONTRACT#id
    prefixes and validity of all contracts  CONTRACTS                  read with every code that is tried
    one price, participant or batch of a    pk = org#contract#id, PRICE#id · PARTICIPANT#id · BATCH#id
    contract, or all
    the job that wrote all its codes last   pk = org#contract#id, TABLE#batch   (batch empty for the whole contract)
    who has a price code, an identifier     pk = org#contract#id, PRICED#price code · IDENTIFIED#identifier
    one import; its file is in the bucket   pk = org#imports, IMPORT#id
    imports of a contract or of customers   index directory: org#imports#contract, created_at#id   (contract empty for customers)
    one template, all templates             pk = org#templates, TEMPLATE#name#locale
    one discount code, all of them          pk = org#discounts, DISCOUNT#CODE
    how often a customer used one           pk = org#discounts, USES#CODE#what stands for the address
    uses of one that may yet fail           pk = org#discounts, OPEN#CODE#session-own   (until the spots are taken or held)
    one notification                        pk = org#notifications, NOTIFICATION#id
    notifications, latest first             index directory: org#notifications, moment#id   (forgotten by TTL after 90 days)
    what somebody has seen of them          on their row as a member: read with every page as it is
    the organisations of the deployment     pk = "#", sk = org: the one list above all of them, for the schedules
Messages (`pk` = org#message)
    messages to an address, of a session    indexes recipient (org#address), session (org#session), by created_at
    messages left unsent                    index unsent: org, by created_at
    the call to send those (one row)        pk = org#overdue
Codes (`pk` = org#CODE)
    one invitation code, by what is typed   pk
    codes of a contract, latest first       index listed: org#contract, created_at#batch#place
    a batch's codes that are no longer new  index funnel: org#batch, H|R|C#CODE   (handed out, redeemed, cancelled)
Memory (`pk` = org#…, forgotten by TTL)
    idempotency records
    the code that a request made            pk = org#issued#request
    who has yet to confirm an address       pk = org#joining#id
    what belongs to no organisation         pk = -#throttle#digest, -#reset#user: attempts counted, the live link to a new password
"""

import json
from hashlib import sha256
from typing import NamedTuple

from chalicelib.rules import discounts
from chalicelib.rules.addresses import compared
from chalicelib.rules.groups import same_name
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import same_participant

LEDGER_AND_BELOW = "2"
ROSTER_AND_BELOW = "8"
SESSION = "0#SESSION"
LEDGER = "1#LEDGER#"
INVITATION = "2#INVITATION#"
REGISTRATION = "3#REGISTRATION#"
WAITING = "4#WAITING#"
MEMBER = "MEMBER#"
IDENTIFIED = "IDENTIFIED#"
CUSTOMER = "CUSTOMER#"
GROUP = "GROUP#"
ADDRESS = "ADDRESS#"
INVOICE = "INVOICE#"
DIGITS = 9
CREDIT = "C"
JOB = "JOB#"
CONTRACT = "CONTRACT#"
PRICE = "PRICE#"
PARTICIPANT = "PARTICIPANT#"
BATCH = "BATCH#"
IMPORT = "IMPORT#"
TEMPLATE = "TEMPLATE#"
DISCOUNT = "DISCOUNT#"
JOBS = "#jobs"
NOTIFICATION = "NOTIFICATION#"
NOTIFICATIONS = "#notifications"

MOST_BYTES_OF_PK, MOST_BYTES_OF_SK = 2048, 1024
"""DynamoDB's limits. Whoever asks for something under a longer name asks for nothing that could be there."""


class Key(NamedTuple):
    """A primary key, as it is stored. Messages and Memory have no `sk`."""

    pk: str
    sk: str = ""

    def stored(self) -> dict[str, dict[str, str]]:
        """Return the key as DynamoDB takes it. Raises NotFound for one that is too long to be anything's."""
        _check_room(self.pk, MOST_BYTES_OF_PK)
        _check_room(self.sk, MOST_BYTES_OF_SK)
        return {"pk": {"S": self.pk}, **({"sk": {"S": self.sk}} if self.sk else {})}


def _check_room(part: str, most: int) -> None:
    if len(part.encode()) > most:
        raise NotFound


def roster(org: str, session: str) -> str:
    """Return the `pk` of everything on a session. Raises NotFound for one that is too long."""
    pk = f"{org}#{session}"
    _check_room(pk, MOST_BYTES_OF_PK)
    return pk


def session(org: str, session: str) -> Key:
    return Key(roster(org, session), SESSION)


def chunk(org: str, session: str, number: int) -> Key:
    return Key(roster(org, session), f"{LEDGER}{number:02d}")


def invitation(org: str, session: str, own: str) -> Key:
    return Key(roster(org, session), f"{INVITATION}{own}")


def registration(org: str, session: str, own: str) -> Key:
    return Key(roster(org, session), f"{REGISTRATION}{own}")


def waiting(org: str, session: str, own: str) -> Key:
    """Return the key of an entry of the waitlist."""
    return Key(roster(org, session), f"{WAITING}{own}")


def waiting_address(org: str, session: str, email: str) -> Key:
    return Key(roster(org, session), f"8#WAITING#{compared(email)}")


def waitlist(org: str) -> str:
    """Return under what the live entries of all waitlists are found."""
    return f"{org}#waitlist"


def invited_address(org: str, session: str, email: str) -> Key:
    return Key(roster(org, session), f"8#ADDRESS#{compared(email)}")


def participant(org: str, session: str, email: str, name: str) -> Key:
    """Return the key of one participant of an address. Some names grow, when compared, beyond what a key may have; a digest does not."""
    return Key(roster(org, session), f"9#PARTICIPANT#{compared(email)}#{sha256(same_participant(name).encode()).hexdigest()}")


def organisation(org: str) -> Key:
    return Key(org, "ORGANISATION")


def organisation_listed(org: str) -> Key:
    return Key("#", org)


def stripe_keys(org: str) -> Key:
    return Key(f"{org}#stripe", "KEYS")


def member(org: str, user: str) -> Key:
    return Key(org, f"{MEMBER}{user}")


def customer(org: str, own: str) -> Key:
    return Key(f"{org}#customers", f"{CUSTOMER}{own}")


def group(org: str, own: str) -> Key:
    return Key(f"{org}#customers", f"{GROUP}{own}")


def group_named(org: str, name: str) -> Key:
    """Return the key of a group's name, read without case; a digest, since some names grow when compared."""
    return Key(f"{org}#customers", f"GROUPED#{sha256(same_name(name).encode()).hexdigest()}")


def job(org: str, own: str) -> Key:
    return Key(f"{org}{JOBS}", f"{JOB}{own}")


def job_items(org: str, own: str, first: int) -> Key:
    return Key(f"{org}{JOBS}", f"ITEMS#{own}#{first:09d}")


def notification(org: str, own: str) -> Key:
    return Key(f"{org}{NOTIFICATIONS}", f"{NOTIFICATION}{own}")


def invoice(org: str, number: str) -> Key:
    """Return the key of an invoice or credit note: they lie in the order of their numbers, however long those grow."""
    year, _, place = number.partition("-")
    series = f"{year.removeprefix(CREDIT)}{CREDIT}" if year.startswith(CREDIT) else year
    return Key(f"{org}#invoices", f"{INVOICE}{series}-{place.zfill(DIGITS)}")


def invoice_count(org: str, year: int, *, credit: bool = False) -> Key:
    return Key(f"{org}#invoices", f"COUNT#{CREDIT if credit else ''}{year}")


def contract(org: str, own: str) -> Key:
    return Key(f"{org}#contracts", f"{CONTRACT}{own}")


def contract_terms(org: str) -> Key:
    return Key(org, "CONTRACTS")


def under_contract(org: str, contract: str) -> str:
    """Return the `pk` of a contract's prices, participants and batches. Raises NotFound for one that is too long."""
    pk = f"{org}#contract#{contract}"
    _check_room(pk, MOST_BYTES_OF_PK)
    return pk


def price(org: str, contract: str, own: str) -> Key:
    return Key(under_contract(org, contract), f"{PRICE}{own}")


def price_code(org: str, contract: str, code: str) -> Key:
    return Key(under_contract(org, contract), f"PRICED#{code.casefold()}")


def contract_participant(org: str, contract: str, own: str) -> Key:
    return Key(under_contract(org, contract), f"{PARTICIPANT}{own}")


def identifier(org: str, contract: str, identifier: str) -> Key:
    """Return the key of what tells a contract's participants apart: a client id or an address, read without case."""
    return Key(under_contract(org, contract), f"{IDENTIFIED}{identifier.casefold()}")


def batch(org: str, contract: str, own: str) -> Key:
    return Key(under_contract(org, contract), f"{BATCH}{own}")


def codes_table(org: str, contract: str, batch: str) -> Key:
    return Key(under_contract(org, contract), f"TABLE#{batch}")


def import_(org: str, own: str) -> Key:
    return Key(f"{org}#imports", f"{IMPORT}{own}")


def imports_of(org: str, contract: str) -> str:
    """Return under what the imports into a contract are listed; those of customers are of no contract."""
    return f"{org}#imports#{contract}"


def template(org: str, name: str, locale: str) -> Key:
    return Key(f"{org}#templates", f"{TEMPLATE}{name}#{locale}")


def discount(org: str, typed: str) -> Key:
    return Key(f"{org}#discounts", f"{DISCOUNT}{discounts.compared(typed)}")


def discount_uses(org: str, typed: str, by: str) -> Key:
    return Key(f"{org}#discounts", f"USES#{discounts.compared(typed)}#{by}")


def open_discount_use(org: str, typed: str, public_id: str) -> Key:
    return Key(f"{org}#discounts", f"OPEN#{discounts.compared(typed)}#{public_id}")


def code(org: str, code: str) -> Key:
    return Key(f"{org}#{code}")


def issued(org: str, request: str) -> Key:
    return Key(f"{org}#issued#{request}")


def address(org: str, email: str) -> Key:
    return Key(org, f"{ADDRESS}{compared(email)}")


def message(org: str, own: str) -> Key:
    return Key(f"{org}#{own}")


def overdue(org: str) -> Key:
    return Key(f"{org}#overdue")


def recipient(org: str, email: str) -> str:
    return f"{org}#{compared(email)}"


def throttle(kind: str, *counted: str) -> Key:
    """Return the key of a count. What is counted may be an address, so only its digest is kept."""
    return Key(f"-#throttle#{kind}#{sha256(json.dumps(counted).encode()).hexdigest()}")


def joining(org: str, own: str) -> Key:
    return Key(f"{org}#joining#{own}")


def reset(user: str) -> Key:
    return Key(f"-#reset#{user}")


def booker(org: str, email: str) -> str:
    return f"{org}#{compared(email)}"


def invited(org: str, email: str) -> str:
    """Return under what the invitations of an address are found: apart from its registrations, since no address ends so."""
    return f"{booker(org, email)}#invited"


def waiter(org: str, email: str) -> str:
    """Return under what the waitlist entries of an address are found."""
    return f"{booker(org, email)}#waiting"


def joined(session: str, own: str) -> str:
    """Return the id of something on a roster as the world sees it: it carries its session, so that it is found by key."""
    return f"{session}-{own}"


def parted(public_id: str) -> tuple[str, str]:
    """Return (session, own) of such an id; parts are empty when it is none."""
    session, _, own = public_id.partition("-")
    return session, own
