"""Ports for programs that are about to start."""

import socket
import subprocess
import sys

from infra.local.child import HOST, PORTS, free_port


def test_each_call_asks_for_another_port() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert {*ports} <= {*PORTS}


def test_no_other_process_is_given_a_port_before_its_program_has_started() -> None:
    command = [sys.executable, "-c", "from infra.local.child import free_port; print(free_port(), flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        given = int(other.stdout.readline())
        assert free_port(given) != given
        other.communicate("\n")
    assert free_port(given) == given


def test_a_wanted_port_is_given_unless_it_is_taken() -> None:
    wanted = free_port()
    assert free_port(wanted) == wanted
    with socket.create_server((HOST, wanted)):
        assert free_port(wanted) in {*PORTS} - {wanted}
