"""Known customers, found while staff type into a form. One button of the form searches, others choose; none changes anything."""

from typing import Any

from chalicelib.operations import customers
from chalicelib.pages.visit import Visit
from chalicelib.rules.customers import Customer

FIND, CHOOSE = "find", "choose"
TYPED = "typed"
"""The value of the button that searches for what the form's own fields say."""
SUGGESTED = 6
FEWEST_LETTERS = 2
MOST_PAGES = 4
"""Pages of up to 2,000 customers that one search reads."""


def is_search(visit: Visit) -> bool:
    """Whether the form was sent to find or to choose a customer, and not to be saved."""
    return FIND in visit.typed or CHOOSE in visit.typed


def suggestions(visit: Visit, *names: str, otherwise: str = "") -> dict[str, Any]:
    """Return what a form shows of its search: the search and the customers found, by the first of these fields that is filled.

    A form that was not sent to search shows the customers found for `otherwise`.
    """
    typed = visit.typed.get(FIND, "") or otherwise
    if typed == TYPED:
        typed = next((visit.typed[name].strip() for name in names if visit.typed.get(name, "").strip()), "")
    words = typed.strip()
    if len(words) < FEWEST_LETTERS:
        return {"found": [], "words": words}
    found = customers.find_customers(visit.org, words, limit=SUGGESTED, most_pages=MOST_PAGES)
    return {"found": found.items, "words": words}


def chosen(visit: Visit) -> Customer | None:
    """Return the customer whose button was pressed, or whom the query names; None without one. Raises NotFound."""
    id = visit.typed.get(CHOOSE) or visit.call.query.get("customer", "")
    return customers.read_customer(visit.org, id).customer if id else None
