"""Host names: checking, comparing, and saying why two of them differ.

A plan's names and a certificate's names are compared as Expressway peers compare them under Enforce: the whole name,
ASCII letters in either case alike, international labels in their A-label form (RFC 5890), and never a wildcard.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import TypeVar

from certplan.outcomes import WordedEnum
from certplan.text.secrets import hide_keys
from certplan.text.words import listed

__all__ = [
    "NameDefect",
    "defects",
    "explain_miss",
    "is_fqdn",
    "is_ip",
    "key",
    "labels",
    "matching",
    "near_miss",
    "parent",
    "passing_key",
    "same",
    "show",
    "show_all",
    "typo",
]

T = TypeVar("T")

MOST_REMEMBERED = 32_768
"""Names of which answers are kept: with fewer, asking of every name of a large certificate in turn would keep none."""
_MAX_NAME = 253
_MAX_LABEL = 63

_LEGAL = re.compile(r"[A-Za-z0-9._*-]*")

# Characters that Python calls printable and that nonetheless show as nothing: Unicode's Default_Ignorable_Code_Point
# beyond the format characters, and the blank Braille cell.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]",
)


class NameDefect(WordedEnum):
    """A way in which a text is no fully qualified host name that a certificate could carry.

    `words` completes the sentence "The name ...".
    """

    EMPTY = "empty", "is empty"
    IP_ADDRESS = "ip-address", "is an IP address"
    SINGLE_LABEL = "single-label", "is a bare host name without a domain"
    WILDCARD = "wildcard", "has a wildcard"
    UNDERSCORE = "underscore", "has an underscore"
    TRAILING_DOT = "trailing-dot", "ends in a dot"
    EMPTY_LABEL = "empty-label", "has an empty level between two dots"
    LABEL_TOO_LONG = "label-too-long", f"has a level of more than {_MAX_LABEL} characters"
    NAME_TOO_LONG = "name-too-long", f"has more than {_MAX_NAME} characters"
    HYPHEN_AT_EDGE = "hyphen-at-edge", "has a level that starts or ends with a hyphen"
    LAST_LABEL_NOT_ALPHABETIC_START = "last-label-not-alphabetic-start", "has a last level that starts with no letter"
    ILLEGAL_CHARACTER = "illegal-character", "has a character that no host name may have"
    NOT_ASCII = "not-ascii", "has letters outside ASCII that must be written as an A-label (xn--...)"


class _Remembered(dict[str, T]):
    """What a function says of names. Longer texts come out of hostile certificates and are not worth a place."""

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, text: str) -> T:
        result = self._function(text)
        if len(text) <= _MAX_NAME:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[text] = result
        return result


def _remembered(function: Callable[[str], T]) -> Callable[[str], T]:
    """The same function, as quick as a look into a dictionary: names are compared some thousand times a cluster."""
    return _Remembered(function).__getitem__


@_remembered
def key(text: str) -> str:
    """The form in which names are compared: A-labels in lower case, without the dot of the root.

    A label that cannot be an A-label stays as it is in lower case. It never raises, and the key of a key is itself.
    International labels follow IDNA 2008 (RFC 5891) strictly, with no compatibility mapping: that would make names
    with invisible characters equal to names without.
    """
    return passing_key(text)


def passing_key(text: str) -> str:
    """`key` of a name that is not worth remembering, such as one of a million in a zone file."""
    if text.isascii():
        lowered = text.lower()
    else:
        lowered = ".".join(_a_label(label) for label in unicodedata.normalize("NFC", text.lower()).split("."))
    return _without_root(lowered)


def _a_label(label: str) -> str:
    if label.isascii() or len(label) > _MAX_LABEL:
        return label
    import idna  # noqa: PLC0415 - few plans have such a name, and every start would pay for it

    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError:
        return label


def _without_root(text: str) -> str:
    # Exactly one dot is the root's. Two are a defect, and taking one off would make the key of a key differ.
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text


@_remembered
def is_ip(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address. One with a zone (`fe80::1%eth0`) is not."""
    if "%" in text:
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def labels(text: str) -> tuple[str, ...]:
    """The levels of a name as spelled, the host first. An empty name has none."""
    bare = _without_root(text)
    return tuple(bare.split(".")) if bare else ()


def parent(text: str) -> str:
    """The domain: the name after its first label, as spelled; empty for a single label."""
    return _without_root(text).partition(".")[2]


@_remembered
def defects(text: str) -> tuple[NameDefect, ...]:
    """Everything that keeps `text` from being an FQDN that Expressway and a certificate both take.

    The syntax is that of the `Cluster name` field (Administrator Guide, *Clustering and Peers*): levels of letters,
    digits and hyphens, no hyphen at either end, the last level starting with a letter; the lengths are those of
    RFC 1035 section 2.3.4. A trailing dot counts as a defect, for a certificate may not have one.
    """
    if not text:
        return (NameDefect.EMPTY,)
    if is_ip(text):
        return (NameDefect.IP_ADDRESS,)
    name = key(text)
    levels = name.split(".")
    last = levels[-1]
    found = (
        (NameDefect.SINGLE_LABEL, len(levels) == 1 and bool(name)),
        (NameDefect.WILDCARD, "*" in name),
        (NameDefect.UNDERSCORE, "_" in name),
        (NameDefect.TRAILING_DOT, text.endswith(".")),
        (NameDefect.EMPTY_LABEL, "" in levels),
        (NameDefect.LABEL_TOO_LONG, any(len(level) > _MAX_LABEL for level in levels)),
        (NameDefect.NAME_TOO_LONG, len(name) > _MAX_NAME),
        (NameDefect.HYPHEN_AT_EDGE, any(level.startswith("-") or level.endswith("-") for level in levels)),
        (NameDefect.LAST_LABEL_NOT_ALPHABETIC_START, bool(last) and not last[0].isalpha()),
        (NameDefect.ILLEGAL_CHARACTER, _LEGAL.fullmatch(name) is None),
        (NameDefect.NOT_ASCII, not text.isascii() and name.isascii()),
    )
    return tuple(defect for defect, present in found if present)


@_remembered
def is_fqdn(text: str) -> bool:
    """Whether `text` is a fully qualified host name; the dot of the root is allowed."""
    return all(defect is NameDefect.TRAILING_DOT for defect in defects(text))


def same(required: str, offered: str) -> bool:
    """Whether the plan's name `wanted` is the certificate's name `offered`.

    The whole name, ASCII letters in either case alike (RFC 9525 section 6.3), and never by wildcard: Expressway
    supports none. The dot of the root is forgiven in the plan only, and a certificate must have A-labels.
    """
    return _may_match(offered) and key(required) == key(offered)


def matching(required: str, offered: Iterable[str]) -> str | None:
    """The first name of `offered` that is the `same` as `wanted`."""
    required_key = key(required)
    return next((name for name in offered if _may_match(name) and key(name) == required_key), None)


def _may_match(offered: str) -> bool:
    return bool(offered) and not offered.endswith(".") and "*" not in offered and offered.isascii()


def explain_miss(required: str, offered: Sequence[str]) -> str:
    """Which name of `offered` comes nearest to `wanted` and why it misses, as a piece of a sentence.

    Names in it are made safe by `show` and stand in back quotes. It never raises and is never empty.
    """
    if not offered:
        return "no names at all"
    if (near := near_miss(required, offered)) is not None:
        return near
    required_key = key(required)
    keyed = [(name, key(name)) for name in dict.fromkeys(offered)]
    # The names nearest in the tree first, so that the three shown are those worth comparing.
    keyed.sort(key=lambda pair: -_common_levels(required_key, pair[1]))
    return f"only {listed((_quoted(name) for name, _ in keyed), most=3)}"


def near_miss(required: str, offered: Sequence[str]) -> str | None:
    """Which name of `offered` is meant for `wanted` and why it misses, as `explain_miss` has it.

    None where no name comes near.
    """
    required_key = key(required)
    # Names and their keys once each: a hostile certificate may have a hundred thousand of them.
    keyed = [(name, key(name)) for name in dict.fromkeys(offered)]
    explained = (explain(required_key, name, rfc4514_key) for explain in _EXPLANATIONS for name, rfc4514_key in keyed)
    return next((why for why in explained if why is not None), None)


def typo(required: str, offered: str) -> str | None:
    """The one typing error, or digit, that tells `offered` from `wanted`, in the words of `explain_miss`; else None."""
    return _typo(key(required), key(offered))


def _nearest(name: str, how: str) -> str:
    return f"the nearest is {_quoted(name)}, {how}"


def _quoted(name: str) -> str:
    return f"`{show(name)}`" if name else "an empty name"


def _explain_dot(required: str, name: str, rfc4514_key: str) -> str | None:
    return f"{_quoted(name)} ends in a dot" if name.endswith(".") and rfc4514_key == required else None


def _explain_blank(required: str, name: str, _: str) -> str | None:
    if name.isascii() and name.isprintable() and " " not in name:
        return None
    visible = "".join(char for char in name if not (char.isspace() or _is_hidden(char)))
    if visible == name or key(visible) != required:
        return None
    blank = any(char.isspace() for char in name)
    return f"{_quoted(name)} has {'a blank' if blank else 'a character that does not show'}"


def _explain_u_label(required: str, name: str, rfc4514_key: str) -> str | None:
    if name.isascii() or rfc4514_key != required:
        return None
    return f"{_quoted(name)} is not written as the A-label `{show(rfc4514_key)}`"


def _explain_wildcard(required: str, name: str, rfc4514_key: str) -> str | None:
    if not rfc4514_key.startswith("*.") or not parent(required) or rfc4514_key[2:] != parent(required):
        return None
    return f"wildcard {_quoted(name)} would cover it, but wildcard certificates are not supported"


def _explain_typing_error(required: str, name: str, rfc4514_key: str) -> str | None:
    typo = _typo(required, rfc4514_key)
    return _nearest(name, typo) if typo and typo != _ONE_DIGIT else None


def _explain_bare_host(required: str, name: str, rfc4514_key: str) -> str | None:
    host, _, domain = required.partition(".")
    return f"the bare host name {_quoted(name)}" if domain and rfc4514_key == host else None


def _explain_other_domain(required: str, name: str, rfc4514_key: str) -> str | None:
    (ours, _, our_domain), (theirs, _, their_domain) = required.partition("."), rfc4514_key.partition(".")
    if ours != theirs or not our_domain or not their_domain or our_domain == their_domain or is_ip(name):
        return None
    return f"same host in another domain ({_quoted(name)})"


def _explain_other_digit(required: str, name: str, rfc4514_key: str) -> str | None:
    # Peers are numbered: exe1 for exe2 is more often the neighbor's name than a slip of the finger.
    return _nearest(name, _ONE_DIGIT) if _typo(required, rfc4514_key) == _ONE_DIGIT else None


_EXPLANATIONS = (
    _explain_dot,
    _explain_blank,
    _explain_u_label,
    _explain_wildcard,
    _explain_typing_error,
    _explain_bare_host,
    _explain_other_domain,
    _explain_other_digit,
)

_ONE_DIGIT = "one digit off"


def _typo(required: str, name: str) -> str | None:
    """The one typing error between two texts: a letter wrong, missing or too many, or two neighbors swapped."""
    if required == name or not name or abs(len(required) - len(name)) > 1:
        return None
    shorter, longer = sorted((required, name), key=len)
    start = next((i for i, char in enumerate(shorter) if char != longer[i]), len(shorter))
    if len(shorter) < len(longer):
        return "one letter off" if shorter[start:] == longer[start + 1 :] else None
    if shorter[start + 1 :] == longer[start + 1 :]:
        return _ONE_DIGIT if shorter[start].isdigit() and longer[start].isdigit() else "one letter off"
    swapped = shorter[start : start + 2][::-1] + shorter[start + 2 :]
    return "two letters swapped" if swapped == longer[start:] else None


def _common_levels(required: str, name: str) -> int:
    count = 0
    for ours, theirs in zip(reversed(labels(required)), reversed(labels(name)), strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def show(text: str, limit: int = 80) -> str:
    r"""Text from elsewhere made safe to show: hidden characters as `\uXXXX`, at most `limit` characters.

    Controls, bidirectional and other format characters, lone surrogates, invisible letters and every blank but the
    plain one are escaped; too long a text loses its middle to an ellipsis. Showing it again changes nothing. A private
    key in it is not shown. `limit` is at least 3.
    """
    return _remembered_safe(text, limit) if len(text) <= _MAX_NAME else _safe(text, limit)


def show_all(texts: Iterable[str], most: int = 0) -> str:
    """Texts from elsewhere as a list in words, each made safe to show; `most` is as in `words.listed`."""
    return listed(map(show, texts), most)


def _safe(text: str, limit: int) -> str:
    text = hide_keys(text)
    if len(text) <= limit and (text.isascii() and text.isprintable()):
        return text
    if len(text) <= limit and len(escaped := _escape(text)) <= limit:
        return escaped
    tail = (limit - 1) // 3
    head = limit - 1 - tail
    # Escaping only lengthens, so that many characters from either end are enough however long the text is.
    end = _escape(text[-tail:])[-tail:] if tail else ""
    return f"{_escape(text[:head])[:head]}…{end}"


_remembered_safe = lru_cache(maxsize=4096)(_safe)


def _escape(text: str) -> str:
    return "".join(_escaped(char) if _is_hidden(char) else char for char in text)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def _is_hidden(char: str) -> bool:
    return not char.isprintable() or _INVISIBLE.match(char) is not None
