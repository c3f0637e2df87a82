"""Start the stand-in and print how to use it. Nothing is kept after its end."""

import argparse
import shlex
import signal
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

from infra.local.child import ChildFailedError
from infra.local.http_server import PortTakenError
from infra.rehearsal.aws import LOG, NEW_ACCOUNT, USUAL, running

LAST_LINES = 15
MISSING = "The stand-in for AWS is not installed here: make .venv/local, then .venv/bin/python -m infra.rehearsal"


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM, and return the exit code. What cannot work is said in a sentence."""
    parser = argparse.ArgumentParser(prog="python -m infra.rehearsal", description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--mail-port", type=int, default=8026)
    parser.add_argument("--new-account", action="store_true", help="ten functions at once, SES's sandbox, domains verified after a minute")
    chosen = parser.parse_args(arguments)
    if not find_spec("ministack"):
        return _failed(MISSING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="rollbook-rehearsal-") as state:
        try:
            _run(Path(state), **vars(chosen))
        except PortTakenError:
            return _failed(f"Port {chosen.mail_port} is in use. Choose another: --mail-port {chosen.mail_port + 1}")
        except ChildFailedError as error:
            return _failed(f"{error}\n{_end_of_log(Path(state))}")
        except KeyboardInterrupt:
            print()
    return 0


def _run(state: Path, *, port: int, mail_port: int, new_account: bool) -> None:
    with running(state, port=port, mail_port=mail_port, limits=NEW_ACCOUNT if new_account else USUAL) as aws:
        print("# In another terminal:")
        for name, value in aws.environment.items():
            print(f"export {name}={shlex.quote(value)}")
        print(f"# Its e-mails: {aws.mailbox}. Ctrl-C ends it.", flush=True)
        threading.Event().wait()


def _failed(why: str) -> int:
    print(why, file=sys.stderr)
    return 1


def _end_of_log(state: Path) -> str:
    """Return the last lines of the log, whose file is deleted at the end."""
    log = state / LOG
    return "\n".join(log.read_text().splitlines()[-LAST_LINES:]) if log.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
