"""The key chart: every access pattern, and the key that serves it. Every key starts with the organisation, but where the clock looks.

`n` is one of eight partitions, by the organisation (`clock` in `keys/clock.py`): the clock asks each of them once a minute. Rows that an
earlier version has put under the organisation itself are moved by the hourly recount (`operations/migrate_rows.py`).

Rosters (`pk` = org#session, `sk`)
    session with its ledger                 pk, sk < "2"                0#SESSION · 1#LEDGER#nn
    whole roster                            pk, sk < "8"                2#INVITATION#id · 3#REGISTRATION#id · 4#WAITING#id
    one invitation, one registration        pk, sk                      public id: `session-id`
    one waitlist entry, whole waitlist      pk, sk                      4#WAITING#id
    live invitation of an address           pk, 8#ADDRESS#address       guard row: the invitation's id
    live waitlist entry of an address       pk, 8#WAITING#address       guard row: the entry's id
    registration of a participant           pk, 9#PARTICIPANT#address#digest of the name   guard row: the registration's id
    attendance of a meeting, in one query:  pk, 9#ATTENDANCE#meeting, and its marks
    counts, and the marks in parts          pk, 9#ATTENDANCE#meeting#nn      (parts of at most about 150 marks, by registration)
    attendance of a whole session           pk, 9#ATTENDANCE#…
    counts of meetings by their start       index calendar: org#attendance, start#session#meeting   (counts only)
    sessions that have ended, latest first  index calendar: org, end of the last meeting#session   (sessions only)
    invitations by expiry                   index due: org, expires_at#…                            (pending ones only)
    live entries of waitlists, of all       index due: "#waitlists#n", session#id
    organisations
    sessions of all organisations by the    index due: "#minimum", moment#org#session               (until it is decided)
    moment that decides their minimum
    orders of all organisations that wait   index due: "#orders", moment#org#order                  (until that is settled)
    for a payment or a refund
    invitations of all organisations that   index remind: "#invitations#n", moment of the next reminder, else of the expiry
    the clock must look at
    sessions of all organisations by the    index remind: "#dates", moment                         (until the last reminder)
    next reminder before a date
    registrations of an address             index booker: org#address, created_at
    and so their dates, for clashes         the latest hundred, then their sessions by key in one request
    invitations of an address               index booker: org#address#invited, created_at           (ended ones too)
    waitlist entries of an address          index booker: org#address#waiting, created_at           (ended ones too)
    registrations of an organisation        index orders: org, created_at
    one order of registrations that are     pk = org#order#id, ORDER
    booked together
Records (`pk` = org, `sk`)
    settings                                ORGANISATION
    Stripe keys                             pk = org#stripe, KEYS      kept apart, so that no other read loads them
    mark of an unfinished import of it      pk = org#import, ARCHIVE
    customers and sessions of one with a    pk = org#quotas, COUNTS    counted up by each new one
    quota
    one staff member, all staff members     MEMBER#user
    staff memberships of a user             index user
    one API key, all API keys               pk = org#api-keys, API_KEY#id      the id follows from the key
    organisation of an API key              index user: key#id
    one webhook, all webhooks               pk = org#webhooks, WEBHOOK#id
    deliveries of a webhook, latest first   pk = org#webhooks#webhook, DELIVERY#moment and digest   (deleted by TTL after 30 days)
    pending deliveries of all               index due: "webhooks", moment#org
    organisations, oldest first
    one invoice or credit note; all,        pk = org#invoices, INVOICE#year-place · INVOICE#yearC-place
    latest first
    number of invoices, of credit notes     pk = org#invoices, COUNT#year · COUNT#Cyear
    e-mail preferences of an address        ADDRESS#address            also the id of its customer, and all addresses of a
                                            merged one: `customer`, `addresses`
    meetings by start, and so sessions by   pk = org#meetings, start#session#meeting#digest   (decision 21)
    their next meeting
    whether every session has these rows    pk = org#meetings, COMPLETE
    figures of a period, for reports        pk = org#figures, MONTH#yyyy-mm#session · CODES#yyyy-mm#contract   (decision 23)
    which figures a session has             pk = org#figures, SESSION#id
    sessions changed since the last count   pk = org#figures, STALE#session
    the same of all organisations, oldest   index due: "figures", moment#…
    first
    debts, by session                       pk = org#figures, DEBT#session   (only while something is)
    whether every session has its figures   pk = org#figures, COMPLETE
    one customer                            pk = org#customers, CUSTOMER#id
    customers by a word of their names, of  pk = org#words#first character, word#name#id   (decision 26)
    their addresses, or their telephone
    customers of a status, of a group       pk = org#customers#status#status, org#customers#group#id: name#id   (decision 34)
    customers of more than twelve groups    pk = org#customers#many-groups, name#id   (and of no single one)
    how far all these rows are written      pk = org#customers, LISTED#1   (`complete` at the end)
    how far those of words were written by  pk = org#customers, SEARCHABLE#3
    an earlier version
    whether merged ones' addresses are named  pk = org#customers, ADDRESSES#1
    one group of customers, all groups      pk = org#customers, GROUP#id
    group by name                           pk = org#customers, GROUPED#digest of the name
    customers of all organisations by       index due: "#portal#n", moment#id   (only with a reminder to come)
    their next reminder
    open jobs of all organisations by the   index due: "#jobs#n", moment#id   (until they end)
    moment when they count as stalled
    customers of an account                 index user, as memberships: one for each organisation
    customers by name                       index directory: org, name#id   (customers only)
    one job                                 pk = org#jobs, JOB#id
    items of a job, in rows of many         pk = org#jobs, ITEMS#id#index of the row's first item
    latest job that exports the same        pk = org#jobs, EXPORT#digest of the rows exported
    jobs, latest first                      index directory: org#jobs, created_at#id   (jobs only)
    one contract, all contracts             pk = org#contracts, CONTRACT#id
    prefix and validity of all contracts    CONTRACTS                  read with every look-up of a code
    one or all prices, participants,        pk = org#contract#id, PRICE#id · PARTICIPANT#id · BATCH#id
    batches of a contract
    price by price code, participant by     pk = org#contract#id, PRICED#price code · IDENTIFIED#identifier
    identifier
    one import; its file is in the bucket   pk = org#imports, IMPORT#id
    imports of a contract or of customers   index directory: org#imports#contract, created_at#id   (contract empty for customers)
    one template, all templates             pk = org#templates, TEMPLATE#name#locale
    one discount code, all discount codes   pk = org#discounts, DISCOUNT#CODE
    its shares, those of all codes        pk = org#discount-shares, SHARE#CODE#nn
    uses of a code by one customer          pk = org#discounts, USES#CODE#pseudonym of the address
    open uses of a code                     pk = org#discounts, OPEN#CODE#session-id   (until the hold exists or is released)
    one notification                        pk = org#notifications, NOTIFICATION#id
    notifications, latest first             index directory: org#notifications, moment#id   (deleted by TTL after 90 days)
    read marks of a staff member            on the staff member's row, which every page reads
    entries of the audit log, latest first  pk = org#audit, moment#id   (deleted by TTL after two years)
    mark of an erasure for the audit log    pk = org#audit#erased, digest of an address   (deleted by TTL after 15 days)
    entries about one subject               index directory: org#audit#id of the subject, moment#id
    all organisations, for the schedules    pk = "#", sk = org: the only key that starts with no organisation
Messages (`pk` = org#message)
    messages by address, by session         indexes recipient (org#address), session (org#session), by created_at
    unsent messages of all organisations    index unsent: "#unsent#n", by created_at
    those that gather changes, by when      index unsent: "#gathering#n"
    they are due
    request to send overdue messages        pk = org#overdue   (one row)
Codes (`pk` = org#CODE)
    one invitation code                     pk
    codes of a contract, latest first       index listed: org#contract, created_at#batch#number
    codes of a batch by stage               index funnel: org#batch, H|R|C#CODE   (handed out, redeemed, cancelled)
Memory (`pk` = org#…, deleted by TTL)
    idempotency records                     pk = org#idempotency…#digest   (responses, encrypted under a key that is not stored)
    code issued by a request                pk = org#issued#request
    sign-up with an unconfirmed address     pk = org#joining#id
    unlisted entries of a waitlist          pk = org#unlisted#session
    mark that a session was found full      pk = org#full#session      (for five seconds, or until spots become free)
    e-mails of a day, in UTC                pk = org#usage#yyyy-mm-dd
    throttles, password resets, sign-ins    pk = -#throttle#digest, -#reset#user, -#ended#id   (of no organisation)
    that were signed out
"""

from chalicelib.tables.keys.clock import ClockKind, clock, clocks
from chalicelib.tables.keys.contracts import (
    BATCH,
    CONTRACT,
    IDENTIFIED,
    IMPORT,
    PARTICIPANT,
    PRICE,
    batch,
    code,
    contract,
    contract_participant,
    contract_terms,
    identifier,
    import_,
    imports_of,
    issued,
    price,
    price_code,
    under_contract,
)
from chalicelib.tables.keys.key import (
    MOST_BYTES_OF_PK,
    MOST_BYTES_OF_SK,
    Key,
)
from chalicelib.tables.keys.messages import (
    ADDRESS,
    address,
    ended_sign_in,
    full_session,
    message,
    overdue,
    recipient,
    reset,
    sign_up,
    throttle,
    unlisted_entries,
    usage,
)
from chalicelib.tables.keys.records import (
    API_KEY,
    AUDIT,
    CREDIT,
    CUSTOMER,
    DEBT,
    DIGITS,
    DISCOUNT,
    FIGURES_OF_CODES,
    FIGURES_OF_MONTH,
    GROUP,
    INVOICE,
    JOB,
    JOBS,
    NOTIFICATION,
    NOTIFICATIONS,
    STAFF_MEMBER,
    STALE,
    TEMPLATE,
    WEBHOOK,
    WEBHOOK_DELIVERY,
    addresses_named,
    api_key,
    api_keys,
    audit,
    audit_erased,
    audit_of,
    customer,
    customer_word,
    customer_words,
    customers_listed,
    customers_of_group,
    customers_of_many_groups,
    customers_of_status,
    customers_searchable,
    debt,
    discount,
    discount_share,
    discount_shares,
    discount_uses,
    export_job,
    figures,
    figures_complete,
    figures_of_codes,
    figures_of_month,
    figures_of_session,
    figures_stale,
    group,
    group_named,
    import_marker,
    invoice,
    invoice_count,
    job,
    job_items,
    meetings,
    meetings_complete,
    notification,
    open_discount_use,
    organisation,
    organisation_listed,
    quota_counts,
    staff_member,
    stripe_keys,
    template,
    webhook,
    webhook_deliveries,
    webhook_delivery,
    webhooks,
)
from chalicelib.tables.keys.rosters import (
    ATTENDANCE,
    INVITATION,
    LEDGER,
    LEDGER_AND_BELOW,
    ORDER,
    REGISTRATION,
    ROSTER_AND_BELOW,
    SESSION,
    WAITLIST_ENTRY,
    attendance,
    attendance_listed,
    attendance_part,
    booker,
    chunk,
    date_reminders,
    invitation,
    invited,
    invited_address,
    order,
    participant,
    registration,
    roster,
    session,
    to_decide,
    to_resolve,
    waiter,
    waitlist_address,
    waitlist_entry,
)
