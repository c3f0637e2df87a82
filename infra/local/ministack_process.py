"""MiniStack with the changes that the local stack needs; emulator.py runs it in a separate process. Each change replaces a function, so
the version is pinned, and tests/infra/local/test_emulator.py tests each of these:
state is saved as it changes, not only at the end · the newest stream records survive a restart · tokens name an issuer in reach ·
signing out everywhere ends refresh tokens of the same second too · the second factor is strict (second_factor.py) ·
key conditions are read once (key_conditions.py) · values are checked once, items copied quickly (quick_values.py) ·
DynamoDB has a server of its own (dynamodb_server.py).
"""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cognito, dynamodb

from infra.local import dynamodb_server, key_conditions, quick_values, second_factor
from infra.local.state import exclusive_use

SAVE_EVERY = 2.0
SHARE = 0.05
"""Saving takes at most this much of a processor, however much there is to save."""
RECENT_RECORDS = 1000
READS = ("Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List", "Receive")
"""Requests that change no state worth saving. Queues are polled all the time, and hand out their messages again after a restart."""

Asgi = Callable[..., Awaitable[None]]


def main() -> None:
    keep_recent_stream_records()
    end_sessions_at_once()
    second_factor.be_strict()
    key_conditions.read_once()
    quick_values.speed_up()
    name_a_reachable_issuer(f"http://{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}")
    with exclusive_use(Path(os.environ["STATE_DIR"]), seconds=1):
        asyncio.run(_serve())


async def _serve() -> None:
    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.loglevel = "ERROR"
    config.keep_alive_timeout = 3600
    config.graceful_timeout = 0.2
    snapshots = Snapshots()
    await dynamodb_server.serve(os.environ["BIND_HOST"], int(os.environ["DYNAMODB_PORT"]), snapshots.note)
    await serve(snapshots.watching(ministack.app), config, shutdown_trigger=snapshots.until_stopped)


class Snapshots:
    """Saves changed state in a forked copy of the process, so that writers do not wait."""

    def __init__(self) -> None:
        self._changed = False
        self._copy = 0

    def watching(self, app: Asgi) -> Asgi:
        """Wrap the application, and note each finished request that may have changed state."""

        async def watched(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await app(scope, receive, send)
            if scope["type"] == "http":
                self.note(_operation(scope))

        return watched

    def note(self, operation: str) -> None:
        """Note a request that is done: after one that only reads, or has no operation, there is nothing new to save."""
        self._changed |= bool(operation) and not operation.startswith(READS)

    async def until_stopped(self) -> None:
        """Take snapshots until SIGTERM. MiniStack saves once more after that, so no forked copy may still be saving."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        saving = loop.create_task(self._save_as_it_goes())
        await stop.wait()
        saving.cancel()
        if self._copy:
            os.kill(self._copy, signal.SIGKILL)
            os.waitpid(self._copy, 0)

    async def _save_as_it_goes(self) -> None:
        pause = SAVE_EVERY
        while True:
            await asyncio.sleep(pause)
            if self._changed:
                self._changed = False
                pause = max(SAVE_EVERY, await self._snapshot() / SHARE)

    async def _snapshot(self) -> float:
        """Return the seconds of processor time that it took."""
        self._copy = os.fork()
        if not self._copy:
            _save_and_exit()
        while not (ended := os.wait4(self._copy, os.WNOHANG))[0]:
            await asyncio.sleep(0.05)
        self._copy = 0
        return ended[2].ru_utime + ended[2].ru_stime


def _save_and_exit() -> None:
    try:
        gc.disable()
        ministack.save_all(ministack._build_persistence_save_dict())
    finally:
        os._exit(0)


def _operation(scope: dict[str, Any]) -> str:
    return str(dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1").partition(".")[2])


def keep_recent_stream_records() -> None:
    """Save the newest stream records with the tables, so that unread records can be read after a restart."""
    tables_only, restore_tables = dynamodb.get_state, dynamodb.load_persisted_state

    def get_state() -> dict[str, Any]:
        records, trimmed = AccountRegionScopedDict(), AccountRegionScopedDict()
        for (account, region, table), all_records in dynamodb._stream_records.all_items():
            before = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
            records.set_scoped(account, region, table, all_records[-RECENT_RECORDS:])
            trimmed.set_scoped(account, region, table, before + max(0, len(all_records) - RECENT_RECORDS))
        state: dict[str, Any] = tables_only()
        return state | {"stream_records": records, "stream_trimmed": trimmed}

    def load_persisted_state(state: dict[str, Any]) -> None:
        restore_tables(state)
        dynamodb._stream_records.update(state.get("stream_records", {}))
        dynamodb._stream_trimmed.update(state.get("stream_trimmed", {}))

    dynamodb.get_state, dynamodb.load_persisted_state = get_state, load_persisted_state


def name_a_reachable_issuer(endpoint: str) -> None:
    """Sign tokens as issued by `endpoint/pool`, where their keys are; MiniStack names the real AWS instead."""
    sign = cognito._signed_jwt

    def signed_jwt(claims: dict[str, Any], pool_id: str = "", use: str = "") -> str:
        return str(sign(claims | {"iss": f"{endpoint}/{pool_id}"} if pool_id else claims, pool_id, use))

    cognito._signed_jwt = signed_jwt


def end_sessions_at_once() -> None:
    """Refuse every refresh token whose sign-in was ended; MiniStack compares whole seconds and misses tokens of the same second."""
    ended_before = cognito._refresh_token_revoked

    def refresh_token_revoked(token: str, user: dict[str, Any] | None) -> bool:
        return bool(ended_before(token, user)) or cognito._token_claims(token).get("origin_jti") in cognito._revoked_tokens

    cognito._refresh_token_revoked = refresh_token_revoked


if __name__ == "__main__":
    main()
