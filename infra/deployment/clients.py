"""The clients of AWS's services, one of each for a command: to make one takes longer than most requests."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from boto3 import client as client
else:

    @cache
    def client(service: str):
        """Return the client of a service, made from the environment of its first use."""
        return boto3.client(service)
