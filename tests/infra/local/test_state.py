import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.options import BadOptionError, options
from infra.local.state import NoStateFolderError, StackState, StateInUseError, exclusive_use, read_json, read_state, write_json, write_state

HOLD = """
import sys
from pathlib import Path
from infra.local.state import exclusive_use
with exclusive_use(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_state_folder_has_one_user_at_a_time(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StateInUseError, match=f"process {holder.pid}"), exclusive_use(tmp_path):
            pass
        holder.kill()
    with exclusive_use(tmp_path):
        assert (tmp_path / "lock").exists()


def test_a_saved_world_is_read_back_unchanged(tmp_path: Path) -> None:
    state = read_state(tmp_path)
    state.user_pool = "pool"
    write_state(state, tmp_path)
    assert read_state(tmp_path) == state
    assert StackState().link_key != state.link_key
    assert (tmp_path / "world.json").stat().st_mode & 0o777 == 0o600


def test_an_incomplete_file_counts_as_missing(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    assert read_json(tmp_path / "a.json") == {"a": 1}
    (tmp_path / "a.json").write_text('{"a"')
    assert read_json(tmp_path / "a.json") is None
    assert read_json(tmp_path / "b.json") is None


def test_options_have_the_documented_defaults() -> None:
    chosen = options({})
    assert (chosen.port, chosen.mail_port, chosen.state, chosen.demo, chosen.java) == (8000, 8025, Path(".local"), True, False)
    assert chosen.password == "demo-Passw0rd!"


@pytest.mark.parametrize(
    "environment", [{"PORT": "x"}, {"MAIL_PORT": "65536"}, {"PORT": "-1"}, {"ROLLBOOK_DEMO": "no"}, {"DYNAMODB": "aws"}]
)
def test_an_invalid_option_is_refused_by_name(environment: dict[str, str]) -> None:
    with pytest.raises(BadOptionError, match=next(iter(environment))):
        options(environment)


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoStateFolderError, match=r"cannot be used .*ROLLBOOK_STATE="), exclusive_use(tmp_path / "file" / "state"):
        pass
