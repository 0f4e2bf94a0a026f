"""Files added besides exports: plans with what they name, the target's new certificates and CA lists, zone files."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from certplan.evidence.pki.certificates import read_certificates
from certplan.plan.editing import put, value_at
from certplan.plan.model import ClusterType, Peer, Plan
from certplan.plan.reading import PLAN_NAME, PlanError, read_plan_bytes
from certplan.serve.fields import keys_of_peers
from certplan.serve.open_plan import OpenPlan, PlanDraft
from certplan.sources.model import Refusal
from certplan.text.names import same
from certplan.text.words import clauses, listed

__all__ = [
    "EVERY_PEER",
    "HEAD_BYTES",
    "Upload",
    "is_plan",
    "is_zone",
    "name_of_plan",
    "new_material",
    "opened",
    "shown",
    "zone_file",
]

Upload = tuple[str, bytes]
"""The name that a browser gives a file, and its contents."""
EVERY_PEER = "*"
HEAD_BYTES = 64 * 1024
_ZONE = re.compile(rb"^\s*\$(?:ORIGIN|TTL)\b|^\S*\s+(?:\d+\s+)?IN\s+SOA\s", re.MULTILINE | re.IGNORECASE)
_PLAN = re.compile(rb"""^[ \t{]*["']?certplan["']?[ \t]*:[ \t]*["']?[0-9]""", re.MULTILINE)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.ya?ml")


def shown(name: str) -> str:
    """The last part of the name that a browser gives; it is shown and never a path."""
    return PureWindowsPath(name).name[:200] or "file"


def is_zone(data: bytes) -> bool:
    """Whether it is a zone file."""
    head = data[:HEAD_BYTES]
    return b"-----BEGIN" not in head and b"\0" not in head and _ZONE.search(head) is not None


def is_plan(data: bytes) -> bool:
    """Whether it begins as a plan does."""
    return _PLAN.search(data[:HEAD_BYTES]) is not None


def name_of_plan(name: str) -> str:
    """What a plan is to be called in the folder."""
    return shown(name) if _FILE_NAME.fullmatch(shown(name)) else PLAN_NAME


def opened(upload: Upload, folder: Path, others: Sequence[Upload]) -> "PlanDraft | Refusal":
    """A plan as it was added, with those of the other files that it names.

    A browser gives files without their folders, so they go by the last part of their names.

    Args:
        upload: the plan.
        folder: where it is going to be; files that are there already are not looked for among the others.
        others: what was added with it.
    """
    name, data = upload
    try:
        plan = read_plan_bytes(data, shown(name), folder)
    except PlanError as error:
        return Refusal(shown(name), f"is not a usable plan: {clauses(map(str, error.problems[:5]))}")
    return PlanDraft(plan.text, _named(plan, folder, {shown(each): contents for each, contents in others}))


def _named(plan: Plan, folder: Path, others: Mapping[str, bytes]) -> dict[str, bytes]:
    keys = {peer.private_key for peer in plan.peers}
    target = plan.target_state()
    files = {*plan.files(), *(() if target is None else target.files())} - keys
    missing = (file for file in files if not PurePosixPath(file).is_absolute() and not (folder / file).exists())
    return {file: others[last] for file in sorted(missing) if (last := PurePosixPath(file).name) in others}


def new_material(open_plan: OpenPlan, upload: Upload, peer: str) -> str | Refusal:
    """A new certificate or trusted CA list of the target; what came of it, without its full stop.

    Args:
        open_plan: the plan.
        upload: the file.
        peer: whose it is, by address; `EVERY_PEER`; or empty for the peer that a certificate names in its SAN. What
            belongs to none so is kept, to be chosen in a field of the target.
    """
    name, data = upload
    located, _ = read_certificates(data, shown(name))
    if not located:
        return Refusal(shown(name), "holds no certificate that can be read")
    first, plan = located[0].certificate, open_plan.plan
    is_list = first.is_ca is True
    chosen = [each for each in plan.peers if peer == EVERY_PEER or same(each.address, peer)] if peer else []
    if not peer and not is_list:
        chosen = [each for each in plan.peers if _names(each, first.dns_names)][:1]
    file = _new_file(open_plan, _name(shown(name), chosen, is_list=is_list))
    text, keys = open_plan.state.text, keys_of_peers(plan)
    for each in chosen:
        path = ("target", "peers", keys[each.number - 1])
        text = put(text, (*path, "trusted_cas"), [file]) if is_list else put(text, (*path, "server_certificate"), file)
    open_plan.replace_text(text, {file: data})
    if not chosen:
        return f"{shown(name)} is kept as {file}: choose it in the field of the target that it is for"
    what = "trusted CA list" if is_list else "server certificate"
    return f"{shown(name)} is the {what} of {listed(each.address for each in chosen)} in the target, as {file}"


def _names(peer: Peer, sans: Sequence[str]) -> bool:
    return any(same(own, san) for own in (peer.fqdn, peer.address) if own for san in sans)


def _name(given: str, chosen: Sequence[Peer], *, is_list: bool) -> str:
    folder = "trust" if is_list else "certs"
    if len(chosen) == 1:
        return f"{folder}/{_stem(chosen[0].host_name or chosen[0].address)}-new.pem"
    return f"{folder}/{_stem(given)}.pem"


def zone_file(open_plan: OpenPlan, upload: Upload, view: str) -> str:
    """A zone file answers for a DNS view: the one named, or that of the peers' own servers."""
    name, data = upload
    inside = open_plan.plan.cluster.stated_type is ClusterType.EXPRESSWAY_C
    chosen = view or ("internal" if inside else "public")
    file = _new_file(open_plan, f"zones/{_stem(shown(name))}.zone")
    path = ("dns", chosen, "zone_files")
    stated = value_at(open_plan.state.text, path)
    files = [*map(str, stated), file] if isinstance(stated, list) else [file]
    open_plan.replace_text(put(open_plan.state.text, path, files), {file: data})
    return f"{shown(name)} answers for DNS view {chosen}, as {file}"


def _new_file(open_plan: OpenPlan, name: str) -> str:
    path = PurePosixPath(name)
    names = (name, *(str(path.with_name(f"{path.stem}-{n}{path.suffix}")) for n in range(2, 1000)))
    taken = {*open_plan.known_files()}
    return next(each for each in names if each not in taken and not (open_plan.path.parent / each).exists())


def _stem(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", PurePosixPath(name.lower().split(".")[0]).name)[:60].strip("-") or "added"
