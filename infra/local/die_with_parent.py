"""Run a program that must not outlive the process at the other end of our standard input.

Started as a plain file, with the program as its arguments: it needs the standard library only.
"""

import subprocess
import sys
import threading

GRACE_SECONDS = 10
"""The seconds that the program has to save its state."""


def main() -> int:
    """Return the program's exit code."""
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_the_pipe, args=(program,), daemon=True).start()
    return program.wait()


def _end_with_the_pipe(program: "subprocess.Popen[bytes]") -> None:
    sys.stdin.buffer.read()
    program.terminate()
    try:
        program.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main())
