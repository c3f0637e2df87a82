"""The memberships of an account: its staff rows and its customers, in one query of the index `user`."""

from chalicelib.config import config
from chalicelib.rules.auth import Account
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.customers import customer_from
from chalicelib.tables.staff import staff_member_from


def of_user(user: str) -> Account:
    """Return the user's account with its staff memberships and customers in all organisations."""
    found = list(
        dynamodb.query(
            TableName=config().records_table,
            IndexName="user",
            KeyConditionExpression="#user = :user",
            ExpressionAttributeNames={"#user": "user"},
            ExpressionAttributeValues={":user": {"S": user}},
        )
    )
    return Account(
        user=user,
        memberships=tuple(staff_member_from(row) for row in found if row["sk"]["S"].startswith(keys.STAFF_MEMBER)),
        customers=tuple(customer_from(row) for row in found if row["sk"]["S"].startswith(keys.CUSTOMER)),
    )
