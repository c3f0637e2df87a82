"""A template is compiled once for all languages, and is still shown in each."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from chalicelib import i18n
from chalicelib.compiled_templates import CompiledTemplates
from chalicelib.emails import render
from chalicelib.pages import rendering


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each template was compiled."""
    counted: Counter[str] = Counter()
    really: Callable[..., Any] = Environment.compile

    def compile(self: Environment, source: str, name: str, *more: Any, **named: Any) -> Any:
        counted[name] += 1
        return really(self, source, name, *more, **named)

    monkeypatch.setattr(Environment, "compile", compile)
    return counted


def shown(environment: Environment, locale: str) -> str:
    i18n.speak(environment, locale)
    return environment.get_template("a").render()


def test_it_is_shown_in_each_language(compiled: Counter[str]) -> None:
    kept, loader = CompiledTemplates(), DictLoader({"a": "{{ _('Save') }} {% trans %}Cancel{% endtrans %}"})
    pages = [shown(Environment(loader=loader, bytecode_cache=kept), locale) for locale in ("en", "fr", "de")]
    assert (len(set(pages)), pages[0], compiled) == (3, "Save Cancel", {"a": 1})


def test_one_that_has_changed_is_compiled_again(compiled: Counter[str]) -> None:
    kept = CompiledTemplates()
    assert [shown(Environment(loader=DictLoader({"a": text}), bytecode_cache=kept), "en") for text in ("before", "after")] == [
        "before",
        "after",
    ]
    assert compiled == {"a": 2}


@pytest.mark.parametrize("environment", [rendering._environment, render.environment], ids=["pages", "e-mails"])
def test_a_language_uses_what_was_compiled_for_another(environment: Callable[[str], Environment], compiled: Counter[str]) -> None:
    environment.cache_clear()  # type: ignore[attr-defined]
    for locale in ("en", "fr"):
        for name in environment(locale).list_templates(["html", "txt"]):
            environment(locale).get_template(name)
    assert max(compiled.values(), default=0) <= 1
