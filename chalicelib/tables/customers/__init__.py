"""Customers: a row each, one for each address."""

from chalicelib.tables.customers.groups import create_group, end_group, forget_group, get_group, groups, groups_of_first, save_group
from chalicelib.tables.customers.index import INDEXED_AT_A_TIME, note_indexed, write_missing
from chalicelib.tables.customers.other_addresses import main_addresses, name_addresses, other_addresses
from chalicelib.tables.customers.portal_account import accept, end_sessions, renew_feed
from chalicelib.tables.customers.portal_invitations import every, find, note_sent, replace_link, reschedule_reminder
from chalicelib.tables.customers.queries import addresses, get, of_address, of_addresses, of_group, page
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.customers.search import CustomerFilter
from chalicelib.tables.customers.writes import create, delete, merge, save
