"""Whoever has an account, and where they belong: staff here, a customer there. One query of the index `user`."""

from chalicelib.rules.accounts import Person
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.customers import customer_from
from chalicelib.tables.members import member_from


def of_user(user: str) -> Person:
    """Return where a user belongs, in all organisations."""
    found = list(
        requests.query(
            TableName=settings().records_table,
            IndexName="user",
            KeyConditionExpression="#user = :user",
            ExpressionAttributeNames={"#user": "user"},
            ExpressionAttributeValues={":user": {"S": user}},
        )
    )
    return Person(
        user=user,
        memberships=tuple(member_from(entry) for entry in found if entry["sk"]["S"].startswith(keys.MEMBER)),
        customers=tuple(customer_from(entry) for entry in found if entry["sk"]["S"].startswith(keys.CUSTOMER)),
    )
