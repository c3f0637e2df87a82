"""The keys of an organisation's records: settings, staff, customers, invoices, discount codes, jobs and their reports."""

from hashlib import sha256

from chalicelib.rules import discounts
from chalicelib.rules.groups import same_name
from chalicelib.tables.keys.key import MOST_BYTES_OF_PK, Key, check_length

STAFF_MEMBER = "MEMBER#"
API_KEY = "API_KEY#"
AUDIT = "#audit"
WEBHOOK = "WEBHOOK#"
WEBHOOK_DELIVERY = "DELIVERY#"
CUSTOMER = "CUSTOMER#"
GROUP = "GROUP#"
INVOICE = "INVOICE#"
DIGITS = 9
CREDIT = "C"
JOB = "JOB#"
TEMPLATE = "TEMPLATE#"
DISCOUNT = "DISCOUNT#"
SHARE = "SHARE#"
JOBS = "#jobs"
NOTIFICATION = "NOTIFICATION#"
NOTIFICATIONS = "#notifications"
FIGURES_OF_MONTH = "MONTH#"
FIGURES_OF_CODES = "CODES#"
STALE = "STALE#"
DEBT = "DEBT#"


def organisation(org: str) -> Key:
    return Key(org, "ORGANISATION")


def organisation_listed(org: str) -> Key:
    return Key("#", org)


def import_marker(org: str) -> Key:
    """Return the key of the mark of an import of the whole organisation that is not finished."""
    return Key(f"{org}#import", "ARCHIVE")


def quota_counts(org: str) -> Key:
    return Key(f"{org}#quotas", "COUNTS")


def stripe_keys(org: str) -> Key:
    return Key(f"{org}#stripe", "KEYS")


def staff_member(org: str, user: str) -> Key:
    return Key(org, f"{STAFF_MEMBER}{user}")


def api_keys(org: str) -> str:
    """Return the `pk` of the organisation's API keys."""
    return f"{org}#api-keys"


def api_key(org: str, id: str) -> Key:
    return Key(api_keys(org), f"{API_KEY}{id}")


def webhooks(org: str) -> str:
    """Return the `pk` of the organisation's webhooks."""
    return f"{org}#webhooks"


def webhook(org: str, id: str) -> Key:
    return Key(webhooks(org), f"{WEBHOOK}{id}")


def webhook_deliveries(org: str, webhook_id: str) -> str:
    """Return the `pk` of the deliveries of a webhook."""
    return f"{webhooks(org)}#{webhook_id}"


def webhook_delivery(org: str, webhook_id: str, id: str) -> Key:
    """Return the key of a delivery. Its id begins with the moment of the event, so that keys sort by it."""
    return Key(webhook_deliveries(org, webhook_id), f"{WEBHOOK_DELIVERY}{id}")


def meetings(org: str) -> str:
    """Return the `pk` of the organisation's meetings by start."""
    return f"{org}#meetings"


def meetings_complete(org: str) -> Key:
    return Key(meetings(org), "COMPLETE")


def customer(org: str, id: str) -> Key:
    return Key(f"{org}#customers", f"{CUSTOMER}{id}")


def customers_searchable(org: str) -> Key:
    return Key(f"{org}#customers", "SEARCHABLE#3")


def customer_words(org: str, prefix: str) -> str:
    """Return the partition of the words that begin with the same character as this one."""
    return f"{org}#words#{prefix[0]}"


def customer_word(org: str, word: str, name: str, id: str) -> Key:
    return Key(customer_words(org, word), f"{word}#{name}#{id}")


def customers_listed(org: str) -> Key:
    return Key(f"{org}#customers", "LISTED#1")


def customers_of_status(org: str, status: str) -> str:
    """Return the partition of the customers of a portal status, by name."""
    return f"{org}#customers#status#{status}"


def customers_of_group(org: str, group: str) -> str:
    """Return the partition of the customers of a group, by name, without those who are in many. Raises NotFound for one too long."""
    pk = f"{org}#customers#group#{group}"
    check_length(pk, MOST_BYTES_OF_PK)
    return pk


def customers_of_many_groups(org: str) -> str:
    return f"{org}#customers#many-groups"


def addresses_named(org: str) -> Key:
    return Key(f"{org}#customers", "ADDRESSES#1")


def group(org: str, id: str) -> Key:
    return Key(f"{org}#customers", f"{GROUP}{id}")


def group_named(org: str, name: str) -> Key:
    """Return the key of a group's name, compared without case. It has a digest, since some names grow when compared."""
    return Key(f"{org}#customers", f"GROUPED#{sha256(same_name(name).encode()).hexdigest()}")


def job(org: str, id: str) -> Key:
    return Key(f"{org}{JOBS}", f"{JOB}{id}")


def job_items(org: str, id: str, first: int) -> Key:
    return Key(f"{org}{JOBS}", f"ITEMS#{id}#{first:09d}")


def export_job(org: str, what: str) -> Key:
    return Key(f"{org}{JOBS}", f"EXPORT#{what}")


def notification(org: str, id: str) -> Key:
    return Key(f"{org}{NOTIFICATIONS}", f"{NOTIFICATION}{id}")


def audit(org: str, moment_and_id: str) -> Key:
    """Return the key of an entry of the audit log. `place` is its moment and id."""
    return Key(f"{org}{AUDIT}", moment_and_id)


def audit_erased(org: str, person: str) -> Key:
    """Return the key of the mark that an erasure leaves for the digest of an address."""
    return Key(f"{org}#audit#erased", person)


def audit_of(org: str, subject: str) -> str:
    """Return the partition of the audit entries about one subject."""
    return f"{org}#audit#{subject}"


def invoice(org: str, number: str) -> Key:
    """Return the key of an invoice or credit note. Keys sort by number, however many digits it has."""
    year, _, digits = number.partition("-")
    series = f"{year.removeprefix(CREDIT)}{CREDIT}" if year.startswith(CREDIT) else year
    return Key(f"{org}#invoices", f"{INVOICE}{series}-{digits.zfill(DIGITS)}")


def invoice_count(org: str, year: int, *, credit: bool = False) -> Key:
    return Key(f"{org}#invoices", f"COUNT#{CREDIT if credit else ''}{year}")


def figures(org: str) -> str:
    """Return the `pk` of what the organisation's reports add up."""
    return f"{org}#figures"


def figures_of_session(org: str, session: str) -> Key:
    """Return the key of the row that says which figures a session has."""
    return Key(figures(org), f"SESSION#{session}")


def figures_of_month(org: str, month: str, session: str) -> Key:
    return Key(figures(org), f"{FIGURES_OF_MONTH}{month}#{session}")


def figures_of_codes(org: str, month: str, contract: str) -> Key:
    return Key(figures(org), f"{FIGURES_OF_CODES}{month}#{contract}")


def figures_stale(org: str, session: str) -> Key:
    """Return the key of the mark of a session that has changed since its figures were counted."""
    return Key(figures(org), f"{STALE}{session}")


def debt(org: str, session: str) -> Key:
    return Key(figures(org), f"{DEBT}{session}")


def figures_complete(org: str) -> Key:
    return Key(figures(org), "COMPLETE")


def template(org: str, name: str, locale: str) -> Key:
    return Key(f"{org}#templates", f"{TEMPLATE}{name}#{locale}")


def discount(org: str, typed: str) -> Key:
    return Key(f"{org}#discounts", f"{DISCOUNT}{discounts.compared(typed)}")


def discount_share(org: str, typed: str, number: int) -> Key:
    return Key(f"{org}#discount-shares", f"{discount_shares(typed)}{number:02}")


def discount_shares(typed: str) -> str:
    """Return the beginning of the sort keys of all shares of a code; of all codes for an empty one."""
    return f"{SHARE}{discounts.compared(typed)}#" if typed else SHARE


def discount_uses(org: str, typed: str, by: str) -> Key:
    return Key(f"{org}#discounts", f"USES#{discounts.compared(typed)}#{by}")


def open_discount_use(org: str, typed: str, public_id: str) -> Key:
    return Key(f"{org}#discounts", f"OPEN#{discounts.compared(typed)}#{public_id}")
