"""`certplan csr sheet`: what to type on the appliance, where the key never leaves it."""

from typing import Annotated, Literal

from certplan.cli.csr_common import (
    Algorithm,
    Cn,
    Country,
    DigestOption,
    Email,
    Locality,
    Names,
    OnlyRequired,
    Organization,
    Peers,
    RoleOption,
    Sans,
    State,
    StoreOption,
    Unit,
    now,
    ordered,
    stated_subject,
)
from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, Output, PlanFile
from certplan.cli.output import fail
from certplan.cli.plans import chosen_peers, plan_or_exit
from certplan.csr.words import Digest, KeyAlgorithm, NameStyle

__all__ = ["sheet"]


def sheet(
    plan: PlanFile = PLAN_HERE,
    peer: Peers = None,
    cn: Cn = None,
    names: Names = NameStyle.PEER,
    san: Sans = None,
    only_required: OnlyRequired = False,
    role: RoleOption = None,
    store: StoreOption = None,
    algorithm: Algorithm = KeyAlgorithm.RSA_4096,
    digest: DigestOption = Digest.SHA256,
    country: Country = None,
    state: State = None,
    locality: Locality = None,
    organization: Organization = None,
    organizational_unit: Unit = None,
    email: Email = None,
    form: Annotated[
        Literal[Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON, Format.OPENSSL], FORMAT
    ] = Format.TEXT,
    output: Output = None,
) -> None:
    """Write down, field by field, what to type and choose on the page Generate CSR of each peer."""
    from certplan.csr.model import Choices
    from certplan.csr.sheet import sheet as sheet_of
    from certplan.report.pages.csr_sheet import sheet_answer

    stated = plan_or_exit(plan)
    subject = stated_subject(country, state, locality, organization, organizational_unit, email)
    choices = Choices(cn, names, tuple(san or ()), only_required, role, store, algorithm, digest, subject)
    requests = ordered(stated, chosen_peers(stated, peer or []), choices).requests
    if form is Format.OPENSSL and len(requests) != 1:
        raise fail(f"--format openssl: a file is for one request, and there are {len(requests)}; use --peer.")
    pages = [sheet_of(stated, request) for request in requests]
    emit(sheet_answer(pages, requests, now()), form, output)
