"""Start the stand-in and print how to use it. Nothing is kept after its end."""

import argparse
import shlex
import tempfile
import threading
from pathlib import Path

from infra.rehearsal.aws import running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.rehearsal", description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--mail-port", type=int, default=8025)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rollbook-rehearsal-") as state, running(Path(state), **vars(chosen)) as aws:
        print("# In another terminal:")
        for name, value in aws.environment.items():
            print(f"export {name}={shlex.quote(value)}")
        print(f"# Its e-mails: {aws.mailbox}. Ctrl-C ends it.", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print()
