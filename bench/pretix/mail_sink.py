"""An SMTP server that takes every e-mail and keeps the addresses that it was for."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.child import HOST


class MailSink(socketserver.ThreadingTCPServer):
    """Listens on a free port of this computer."""

    daemon_threads = True

    def __init__(self) -> None:
        self.recipients = list[str]()
        super().__init__((HOST, 0), _Conversation)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def running() -> Iterator[MailSink]:
    """Start a sink, and end it afterwards."""
    with MailSink() as sink:
        threading.Thread(target=sink.serve_forever, args=(0.1,), daemon=True).start()
        yield sink
        sink.shutdown()


class _Conversation(socketserver.StreamRequestHandler):
    """SMTP as far as a client needs it that has nothing to hide (RFC 5321)."""

    server: MailSink

    def handle(self) -> None:
        recipients = list[str]()
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            command = line.strip().upper()
            if command.startswith(b"RCPT TO:"):
                recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._skip_content()
                self.server.recipients += recipients
                recipients = []
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
            if command == b"QUIT":
                return

    def _skip_content(self) -> None:
        while self.rfile.readline() not in (b".\r\n", b""):
            pass
