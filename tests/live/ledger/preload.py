"""What the fork server imports, and each of its processes has from the beginning: the actions, and botocore's model of DynamoDB.

To read that takes ten times as long as an action.
"""

from chalicelib import clients
from tests.environment import ENVIRONMENT, enter
from tests.live.codes import actions as of_codes  # noqa: F401
from tests.live.ledger import actions, load  # noqa: F401

enter(ENVIRONMENT)
clients.dynamodb()
