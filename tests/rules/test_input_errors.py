"""Every error of pydantic has a sentence of ours."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

import chalicelib
from chalicelib.rules.input_errors import EXPLANATIONS, UNREADABLE, explained
from chalicelib.rules.inputs.auth import SignUpInput
from chalicelib.rules.inputs.sessions import SessionInput

SIGN_UP = {"email": "a@b.test", "name": "A", "password": "Lilac-Otter-12", "password_confirmation": "Lilac-Otter-12"}


def errors_of(model: type[BaseModel], values: dict[str, Any], *, strict: bool) -> list[ErrorDetails]:
    with pytest.raises(ValidationError) as found:
        model.model_validate(values, strict=strict)
    return found.value.errors()


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_no_words_of_the_validator_are_shown(kind: str) -> None:
    code, sentence = explained({"type": kind, "loc": (), "msg": "Input should be such and such", "input": None})
    assert (code, sentence) == EXPLANATIONS.get(kind, UNREADABLE)
    assert not sentence.startswith(("Input", "String", "Value", "Field"))


def test_every_explanation_is_of_an_error_that_there_is() -> None:
    assert set(EXPLANATIONS) <= set(get_args(ErrorType))


def test_an_error_of_our_own_says_its_own_sentence() -> None:
    error = PydanticCustomError("semicolon", "Leave semicolons out.")
    assert explained({"type": error.type, "loc": (), "msg": error.message(), "input": ";"}) == ("semicolon", "Leave semicolons out.")


@pytest.mark.parametrize("born", ["31/12/2015", "2015-13-01", "yesterday", "2015-12-31T25:00"])
@pytest.mark.parametrize("strict", [True, False])
def test_a_date_that_is_none_says_how_dates_are_written(born: str, strict: bool) -> None:
    (error,) = errors_of(SignUpInput, {**SIGN_UP, "participants": [{"name": "Kid", "date_of_birth": born}]}, strict=strict)
    code, sentence = explained(error)
    assert sentence.startswith("Write the date as")
    assert code == "not_a_date"


@pytest.mark.parametrize(("participants", "code"), [({}, "not_a_list"), (["Kid"], "not_an_object")])
def test_another_shape_says_which_one_belongs_there(participants: Any, code: str) -> None:
    assert explained(errors_of(SignUpInput, {**SIGN_UP, "participants": participants}, strict=True)[0])[0] == code


def test_a_session_of_nonsense_is_explained_field_by_field() -> None:
    nonsense = {"title": 7, "meetings": [{"starts_at": "soon", "ends_at": 1.5}], "tiers": {"a": 1}, "spots_total": "many", "tags": [None]}
    found = errors_of(SessionInput, nonsense, strict=True)
    assert len(found) >= 6
    assert not [sentence for _, sentence in map(explained, found) if sentence.startswith(("Input", "String", "Value", "Field"))]


def _filled_by_the_validator() -> Iterator[str]:
    """Yield the sentences that pydantic would fill in, in English: the catalogues have them with their placeholders only."""
    for path in Path(chalicelib.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="PydanticCustomError"), args=[_, ast.Constant(value=str(text)), *_]) if "{" in text:
                    yield f"{path.name}: {text}"


def test_sentences_with_values_are_filled_in_where_they_are_translated() -> None:
    assert list(_filled_by_the_validator()) == []
