"""The codec between rows and models, compiled once for each model from its type hints.

A moment, day or time is stored as text, a tuple as a list, a dataclass or NamedTuple inside another as a map. A field that has its default
is left out, so that equal models are stored equal, and an attribute that a row of an older version lacks is read as the default.
Attributes that the model does not know are passed over: a newer version may have written them.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Generic, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from chalicelib.rules import times

M = TypeVar("M")
Convert = Callable[[Any], Any]
PLAIN = (str, int, bool, float, bytes, Any)


class ValueCodec(NamedTuple):
    """How a value is written and read."""

    write: Convert
    read: Convert


MICROSECONDS = ValueCodec(datetime.isoformat, datetime.fromisoformat)
"""A moment to the microsecond, as text."""
EPOCH = ValueCodec(lambda moment: int(moment.timestamp()), lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""A moment as a whole number of seconds."""
PAIRS = ValueCodec(dict, lambda values: tuple(values.items()))
"""A tuple of pairs as a map."""
FORMS: Mapping[Any, ValueCodec] = {
    datetime: ValueCodec(times.written, times.read),
    date: ValueCodec(date.isoformat, date.fromisoformat),
    time: ValueCodec(lambda moment: moment.isoformat("minutes"), time.fromisoformat),
}


class _Field(NamedTuple):
    """A field of a model: its attribute in the row, the value that is left out, and its form; None for a value that is stored as it is."""

    name: str
    attribute: str
    default: Any
    form: ValueCodec | None


class Codec(Generic[M]):
    """The codec of a dataclass or NamedTuple, to and from a map of plain values.

    `attributes` names fields that are stored under another name, `elsewhere` fields that the row has in its key, `always` fields that are
    stored even with their default. `missing` has what a missing attribute stands for where that is not the model's default, `forms` the
    forms of single fields, and `inner` the codecs and forms of types inside the model, where they are not their own.

    It is compiled at its first use: a cold start does not pay for models that it never meets.
    """

    def __init__(
        self,
        model: type[M],
        *,
        attributes: Mapping[str, str] | None = None,
        elsewhere: Collection[str] = (),
        always: Collection[str] = (),
        missing: Mapping[str, Any] | None = None,
        forms: Mapping[str, ValueCodec] | None = None,
        inner: "Inner | None" = None,
    ) -> None:
        self._model, self._elsewhere, self._always = model, elsewhere, always
        self._attributes, self._missing, self._forms, self._inner = attributes or {}, missing or {}, forms or {}, inner or {}

    @cached_property
    def write(self) -> Callable[[M], dict[str, Any]]:
        """Return the stored attributes of a model."""
        return _writer(self._fields)

    @cached_property
    def read(self) -> Callable[..., M]:
        """Return the model of stored attributes. It takes the fields of the key by name."""
        return _reader(self._model, self._fields, self._absent)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """All attributes that the row of a model may have."""
        return frozenset(field.attribute for field in self._fields)

    def changes(self, model: M, *, but: Collection[str] = ()) -> dict[str, Any]:
        """Return all attributes for an update, without those in `but`. One that a row leaves out is None, which removes it."""
        values = self.write(model)
        return {field.attribute: values.get(field.attribute) for field in self._fields if field.attribute not in but}

    @cached_property
    def _hints(self) -> dict[str, Any]:
        hints = get_type_hints(self._model)
        return {name: hints[name] for name in names(self._model)}

    @cached_property
    def _absent(self) -> dict[str, Any]:
        """The values of fields without an attribute, if the model has no default. An optional field without a default is None."""
        defaults = _defaults(self._model)
        optional = {name: None for name, hint in self._hints.items() if NoneType in get_args(hint) and name not in defaults}
        return {**optional, **self._missing}

    @cached_property
    def _fields(self) -> list[_Field]:
        defaults = {**_defaults(self._model), **self._absent}
        return [
            _Field(
                name=name,
                attribute=self._attributes.get(name, name),
                default=MISSING if name in self._always else defaults.get(name, MISSING),
                form=self._forms.get(name) or _form(hint, self._inner),
            )
            for name, hint in self._hints.items()
            if name not in self._elsewhere
        ]


Inner = Mapping[type, ValueCodec | Codec[Any]]


def nested(model: type[M], inner: Inner | None = None) -> Codec[M]:
    """Return the codec of a model inside another one, where every field is stored."""
    return Codec(model, always=names(model), inner=inner)


def names(model: type) -> list[str]:
    """Return the names of the fields of a dataclass or NamedTuple."""
    return [field.name for field in fields(model)] if is_dataclass(model) else list(cast(Any, model)._fields)


def _defaults(model: type) -> dict[str, Any]:
    if not is_dataclass(model):
        return dict(cast(Any, model)._field_defaults)
    return {field.name: field.default for field in fields(model) if field.default is not MISSING}


def _writer(compiled: list[_Field]) -> Callable[[Any], dict[str, Any]]:
    columns = [(field.name, field.attribute, field.default, field.form.write if field.form else None) for field in compiled]

    def write(model: Any) -> dict[str, Any]:
        found = {}
        for name, attribute, default, convert in columns:
            value = getattr(model, name)
            if value is not None and (default is MISSING or value != default):
                found[attribute] = convert(value) if convert else value
        return found

    return write


def _reader(model: type[M], compiled: list[_Field], absent: Mapping[str, Any]) -> Callable[..., M]:
    columns = [(field.name, field.attribute, field.form.read if field.form else None) for field in compiled]

    def read(values: Mapping[str, Any], **more: Any) -> M:
        found = {**absent, **more}
        for name, attribute, convert in columns:
            if attribute in values:
                value = values[attribute]
                found[name] = convert(value) if convert else value
        return model(**found)

    return read


def _form(hint: Any, inner: Inner) -> ValueCodec | None:
    """Return the form of a type; None where its values are stored as they are. Raises TypeError for a type without a form."""
    kind, parts = get_origin(hint), get_args(hint)
    if codec := inner.get(hint) or FORMS.get(hint):
        return ValueCodec(codec.write, codec.read)
    if hint in PLAIN or kind is Literal:
        return None
    if kind in (Union, UnionType):
        return _either([part for part in parts if part is not NoneType], inner)
    if kind is tuple:
        return _list(_form(parts[0], inner)) if parts[1:] == (...,) else _tuple([_form(part, inner) for part in parts])
    if kind in (dict, Mapping) and _form(parts[0], inner) is None:
        return _map(_form(parts[1], inner))
    if isinstance(hint, type) and (is_dataclass(hint) or hasattr(hint, "_fields")):
        model: Codec[Any] = nested(hint, inner)
        return ValueCodec(model.write, model.read)
    raise TypeError(f"{hint} has no stored form")


def _either(parts: list[Any], inner: Inner) -> ValueCodec | None:
    """Return the form of a value of one of these types. Several must be stored as they are: a form would not tell which one it was."""
    forms = [_form(part, inner) for part in parts]
    if len(forms) > 1 and any(forms):
        raise TypeError(f"{parts} have no stored form together")
    return forms[0]


def _list(form: ValueCodec | None) -> ValueCodec:
    if form is None:
        return ValueCodec(list, tuple)
    write, read = form
    return ValueCodec(lambda values: [write(value) for value in values], lambda values: tuple(read(value) for value in values))


def _tuple(forms: list[ValueCodec | None]) -> ValueCodec:
    """Return the form of a tuple with a type for each place."""
    if not any(forms):
        return ValueCodec(list, tuple)
    return ValueCodec(
        lambda values: [form.write(value) if form else value for form, value in zip(forms, values, strict=True)],
        lambda values: tuple(form.read(value) if form else value for form, value in zip(forms, values, strict=True)),
    )


def _map(form: ValueCodec | None) -> ValueCodec | None:
    if form is None:
        return None
    write, read = form
    return ValueCodec(
        lambda values: {name: write(value) for name, value in values.items()},
        lambda values: {name: read(value) for name, value in values.items()},
    )
