"""The question that asks staff for extra spots on a full session."""

from chalicelib.pages.visit import Visit
from chalicelib.rules.ledger import SessionFull


def add(visit: Visit, full: SessionFull) -> str:
    """Return the question before a party is added to a full session."""
    text = visit.ngettext(
        "%(fact)s Add them anyway? The session then has %(num)d extra spot for as long as this registration stands.",
        "%(fact)s Add them anyway? The session then has %(num)d extra spots for as long as this registration stands.",
        full.wanted,
    )
    return text % {"fact": fact(visit, full), "num": full.wanted}


def invite(visit: Visit, full: SessionFull) -> str:
    """Return the question before a party is invited to a full session."""
    text = visit.ngettext(
        "%(fact)s Invite them anyway? The session then has %(num)d extra spot for as long as this invitation lasts.",
        "%(fact)s Invite them anyway? The session then has %(num)d extra spots for as long as this invitation lasts.",
        full.wanted,
    )
    return text % {"fact": fact(visit, full), "num": full.wanted}


def enlarge(visit: Visit, full: SessionFull) -> str:
    """Return the question before a registered party becomes larger than the session has room for."""
    text = visit.gettext("%(fact)s Add them anyway? What does not fit becomes extra spots for as long as this registration stands.")
    return text % {"fact": fact(visit, full)}


def fact(visit: Visit, full: SessionFull) -> str:
    """Return the first sentence of the refusal, for a page that offers extra spots instead of what the refusal proposes."""
    return visit.gettext(full.fact) % full.data()
