r"""How the plan's fields are declared: each once, in the value that holds it, as `Annotated[type, Stated(...)]`.

Reading with places, the JSON Schema, the template of `init`, writing, editing and the fields of the workbench all go
by these declarations. A type says what may stand in the file:

| annotation | in the file |
|---|---|
| a kind of `fields`, such as `Name` | text, read by it |
| a value with stated fields, such as `Lan` | a section |
| `tuple[X, ...]` | a list |
| `dict[str, X]` | a section whose keys are the user's own |
| `X \| Unknown` | X, or the word `unknown` |
| `Annotated[X, Worded(...)]` | X, or a word in its place |
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from msgspec import NODEFAULT
from msgspec.structs import fields

from certplan.plan.kinds import Unknown
from certplan.value import Value, field, replace

__all__ = [
    "FieldKind",
    "FieldSection",
    "Listed",
    "NamedSections",
    "OrWord",
    "PlanField",
    "Scalar",
    "Stated",
    "Worded",
    "kind_of",
    "section_of",
    "without_unknown",
]


class Scalar(Value, eq=False):
    """How one kind of scalar is read, and how the JSON Schema describes it."""

    read: Callable[[str], object]
    """Raises ValueError whose text goes on where the quoted value ends."""
    expected: str
    schema: Mapping[str, object]
    entry: Literal["line", "lines", "file"] = "line"
    """What a form asks for: one line, a text of several, or a file of evidence."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words there are to choose from; empty where any text may stand."""
        listed = self.schema.get("enum", ())
        return tuple(map(str, listed)) if isinstance(listed, list) else ()


class Worded(Value, eq=False):
    """A word in the place of a section or list: one of `words`, or else any text that `read` takes.

    What comes of it is the value, or a dict for the section that the word stands for.
    """

    schema: Mapping[str, object]
    read: Callable[[str], object] | None = None
    words: Mapping[str, object] = field(default_factory=dict)
    otherwise: str = ""
    """What is wrong with any other text, where there is no `read`; the words are said behind it."""

    def __call__(self, text: str) -> object:
        """The value.

        Raises:
            ValueError: when no such word may stand here.
        """
        if (folded := text.casefold()) in self.words:
            return self.words[folded]
        if self.read is not None:
            return self.read(text)
        listed = " or ".join(self.words) if len(self.words) > 1 else f"or {next(iter(self.words))}"
        raise ValueError(f"{self.otherwise}, {listed}")


class Stated(Value, eq=False):
    """What is said of a field beside its type. Whether it may be left out is whether its value has a default."""

    words: str
    """What it is: the documentation, and what a message expects where it is missing."""
    key: str = ""
    """Its key in the file, where it is not the attribute's own name (`stated_` aside)."""
    form: Any = None
    """The type of what stands in the file, where the plan holds it in another."""
    optional: bool = False
    """The file may leave out what the plan always has."""
    target: str = ""
    """What it is in a target. A field of the cluster or of the plan that has no such words is no part of a target."""
    example: str = ""
    """What `init` suggests, as YAML; `$stem` and the like are filled in. Without one the template leaves it out."""
    note: str = ""
    """The template's comment behind the example; the choices, when left out."""
    above: str = ""
    """The template's comment on a line before it."""
    most: int = 0
    """The most entries of a list that has one or more; 0: any number."""
    keys: str = ""
    """The pattern of the user's own keys, for editors."""


class Listed(Value, eq=False):
    inner: "FieldKind"
    most: int = 0


class NamedSections(Value, eq=False):
    """A section whose keys are the user's own."""

    inner: "FieldKind"
    keys: str = ""


class OrWord(Value, eq=False):
    inner: "FieldKind"
    word: Worded


class PlanField(Value, eq=False, dict=True):
    """One field of a section of the file."""

    key: str
    attribute: str
    required: bool
    default: object
    """What the plan holds where the file leaves it out."""
    says: Stated
    annotation: Any

    @cached_property
    def kind(self) -> "FieldKind":
        stated = kind_of(self.annotation)
        if isinstance(stated, Listed) and self.says.most:
            return Listed(stated.inner, self.says.most)
        return NamedSections(stated.inner, self.says.keys) if isinstance(stated, NamedSections) else stated

    def in_target(self) -> "PlanField":
        """The field as a target has it: it may be left out."""
        return replace(self, required=False, says=replace(self.says, words=self.says.target or self.says.words))


class FieldSection:
    """A section of the file, with the fields that `of` states."""

    def __init__(self, of: type) -> None:
        self.of = of
        self.name = of.__name__

    @property
    def about(self) -> str:
        """What it is, in a sentence or two: the first paragraph of what the value's own documentation says."""
        return " ".join((self.of.__doc__ or "").partition("\n\n")[0].split())

    @cached_property
    def fields(self) -> dict[str, PlanField]:
        """By their keys, in the order of the file."""
        derived = getattr(self.of, "stated_fields", None)
        return {each.key: each for each in (declared(self.of) if derived is None else derived())}


FieldKind = Scalar | Listed | NamedSections | OrWord | FieldSection


@cache
def section_of(value: Any) -> FieldSection:
    """The section of the file that a class of the plan's values is read from."""
    return FieldSection(value)


def declared(of: type) -> Iterator[PlanField]:
    """The fields that a class states. Attributes without a `Stated` do not stand in the file."""
    defaults = {each.name: _default(each) for each in fields(of) if not each.required}
    annotations = {
        name: said for base in reversed(of.__mro__) for name, said in vars(base).get("__annotations__", {}).items()
    }
    for name, annotation in annotations.items():
        held = get_args(annotation)[0] if get_origin(annotation) is ClassVar else annotation
        says = next((each for each in getattr(held, "__metadata__", ()) if isinstance(each, Stated)), None)
        if says is None:
            continue
        yield PlanField(
            key=says.key or name.removeprefix("stated_"),
            attribute=name,
            required=name not in defaults and not says.optional,
            default=defaults.get(name),
            says=says,
            annotation=held if says.form is None else says.form,
        )


def _default(each: Any) -> object:
    return each.default if each.default_factory is NODEFAULT else each.default_factory()


def kind_of(annotation: Any) -> FieldKind:
    """What may stand in the file for a value of this type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *about = get_args(annotation)
        text = next((each for each in about if isinstance(each, Scalar)), None)
        word = next((each for each in about if isinstance(each, Worded)), None)
        return text or (OrWord(kind_of(base), word) if word is not None else kind_of(base))
    if origin in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not NoneType]
        kind = kind_of(next(part for part in parts if part is not Unknown))
        return _or_unknown(kind) if Unknown in parts else kind
    if origin is tuple:
        return Listed(kind_of(get_args(annotation)[0]))
    if origin is dict:
        return NamedSections(kind_of(get_args(annotation)[1]))
    return section_of(annotation)


def _or_unknown(kind: FieldKind) -> FieldKind:
    """The same, but for the word `unknown`, in any letter case."""
    if isinstance(kind, Scalar):
        expected = f"{', '.join(kind.choices)} or unknown" if kind.choices else kind.expected
        read = kind.read
        return Scalar(
            lambda text: Unknown() if text.casefold() == "unknown" else read(text),
            expected,
            _schema_or_unknown(kind.schema),
        )
    if isinstance(kind, OrWord):
        words = {**kind.word.words, "unknown": Unknown()}
        return OrWord(kind.inner, replace(kind.word, words=words, schema=_schema_or_unknown(kind.word.schema)))
    raise TypeError(f"no word may stand for {kind}")


def _schema_or_unknown(schema: Mapping[str, object]) -> dict[str, object]:
    match schema:
        case {"enum": [*listed]}:
            return {**schema, "enum": [*listed, "unknown"]}
        case {"pattern": str(pattern)}:
            return {**schema, "pattern": f"^(?:{pattern.removeprefix('^').removesuffix('$')}|[Uu]nknown)$"}
    return dict(schema)


def without_unknown(stated: PlanField) -> PlanField:
    """A field of the cluster as a target has it, where nothing is unknown."""
    base = get_args(stated.annotation)[0] if get_origin(stated.annotation) is Annotated else stated.annotation
    parts = tuple(part for part in get_args(base) if part is not Unknown)
    annotation = Union[parts] if Unknown in get_args(base) else stated.annotation  # noqa: UP007
    return replace(stated.in_target(), annotation=annotation)
