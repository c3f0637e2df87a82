"""Ports for programs that are about to start."""

import os
import socket

import pytest

from infra.local.child import HOST, PORTS, free_port


def test_each_call_asks_for_another_port() -> None:
    asked = [free_port() for _ in range(50)]
    assert len(set(asked)) == 50
    assert {*asked} <= {*PORTS}


def test_another_process_asks_for_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    own, process = {free_port() for _ in range(10)}, os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: process + 1)
    assert not own & {free_port() for _ in range(10)}


def test_a_wanted_port_is_given_unless_it_is_taken() -> None:
    wanted = free_port()
    assert free_port(wanted) == wanted
    with socket.create_server((HOST, wanted)):
        assert free_port(wanted) in {*PORTS} - {wanted}
