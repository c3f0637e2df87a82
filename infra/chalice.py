"""Chalice with the settings of every stage: `python -m infra.chalice url --stage prod`.

A plain `chalice` reads `.chalice/config.json` alone, and knows no stage that was deployed. It also uploads the package for every
function, though Lambda has it already, and leaves Lambda to compile the modules in it at each cold start.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Any

from chalice.awsclient import TypedAWSClient
from chalice.cli import main as chalice_main
from chalice.cli.factory import CLIFactory

from infra.deployment import bytecode, stage_config

_upload = TypedAWSClient._update_function_code


def main() -> None:
    """Run Chalice with the arguments of this process."""
    be_sparing()
    bytecode.compile_packages()
    CLIFactory.load_project_config = _load
    chalice_main()


def be_sparing() -> None:
    """Have Chalice upload a package only where Lambda has another: with eight functions each deploy would send it eight times."""
    TypedAWSClient._update_function_code = _upload_unless_there


def _upload_unless_there(aws: Any, function_name: str, zip_contents: bytes, architecture: str | None = None) -> dict[str, Any]:
    there: dict[str, Any] = aws._client("lambda").get_function_configuration(FunctionName=function_name)
    same_code = there["CodeSha256"] == b64encode(sha256(zip_contents).digest()).decode()
    if same_code and architecture in (None, *there["Architectures"]):
        return there
    uploaded: dict[str, Any] = _upload(aws, function_name, zip_contents, architecture)
    return uploaded


def _load(_factory: CLIFactory) -> dict[str, Any]:
    return stage_config.chalice_config()


if __name__ == "__main__":
    main()
