"""P14: customers found by a word of a name, an address, a domain or a telephone number, among 100,000: requests and read units."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from bench import rows
from bench.counting import counting
from bench.figures import Figure, at_most
from bench.world import now
from chalicelib.config import config
from chalicelib.operations import organisations
from chalicelib.operations.customers import list_customers
from chalicelib.rules.customers import SEPARATOR, Customer, Participant, index_prefix, search_prefixes
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.customers.search import word_writes

PEOPLE = "people"
CUSTOMERS = 100_000
PAGE = 50
MOST_REQUESTS, MOST_UNITS = 5, 60
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu", "an", "el", "is", "or", "mar")
DOMAINS = ("gmail.com", "gmail.com", "orange.fr", "outlook.com", "gmx.de", "school.test")


def figures() -> Iterator[Figure]:
    organisations.create(PEOPLE, "People", now=now())
    everybody = list(people(PEOPLE, CUSTOMERS, now()))
    one = everybody[CUSTOMERS // 2]
    first, last = one.name.split()
    wanted = {
        "a surname": last,
        "the beginning of a surname": last[:3],
        "a given and a surname": f"{first} {last}",
        "a child": one.participants[0].name,
        "an address": one.email,
        "a domain": DOMAINS[0],
        "a telephone number": one.phone,
        "its last four digits": one.phone[-4:],
    }
    _store(everybody, tuple(index_prefix(search_prefixes(q)).removesuffix(SEPARATOR) for q in wanted.values()))
    for what, q in wanted.items():
        with counting() as count:
            found = list_customers(PEOPLE, q=q, limit=PAGE).items
        assert found, q
        yield at_most("P14", f"{what} among {CUSTOMERS} customers, {len(found)} found: requests", count.requests, MOST_REQUESTS, "requests")
        yield at_most("P14", f"{what} among {CUSTOMERS} customers, {len(found)} found: read units", count.read_units, MOST_UNITS, "units")


def people(org: str, number: int, at: datetime) -> Iterator[Customer]:
    """Yield customers with 400 given names, 8,000 surnames, some of them much more common than others, and a child each."""
    random = Random(14)

    def word(most: int, syllables: int) -> str:
        rank = min(int(random.expovariate(5) * most), most - 1)
        picked = (SYLLABLES[rank // len(SYLLABLES) ** digit % len(SYLLABLES)] for digit in range(syllables))
        return "".join(picked).title()

    for index in range(number):
        first, last, child = word(400, 2), word(8000, 3), word(400, 2)
        email = f"{first}.{last}{index % 1000}@{random.choice(DOMAINS)}".lower()
        phone = f"+33 6 {random.randrange(10**8):08}"
        participants = (Participant(f"{child} {last}"),)
        yield Customer(org=org, id=f"c{index}", email=email, name=f"{first} {last}", phone=phone, participants=participants, created_at=at)


def _store(everybody: list[Customer], prefixes: tuple[str, ...]) -> None:
    """Write the words that the measured queries can read, which are those of their prefixes, and the customers that these lead to."""
    puts = (put["Put"]["Item"] for customer in everybody for put in word_writes(customer))
    words = [row for row in puts if row["sk"]["S"].startswith(prefixes)]
    found = {row["customer"]["S"] for row in words}
    rows.write(config().records_table, [*words, *(customer_item(customer) for customer in everybody if customer.id in found)])
