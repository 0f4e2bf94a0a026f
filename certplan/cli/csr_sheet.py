"""`certplan csr sheet`: what to type on the appliance, where the key never leaves it."""

from enum import StrEnum
from typing import Annotated

import typer

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
from certplan.cli.options import PLAN_HERE, Output, PlanFile
from certplan.cli.output import fail, write
from certplan.cli.plans import chosen_peers, plan_or_exit
from certplan.csr.words import Digest, KeyAlgorithm, NameStyle

__all__ = ["SheetForm", "sheet"]


class SheetForm(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    OPENSSL = "openssl"


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
        SheetForm, typer.Option("--format", help="How to write it; openssl: a configuration for openssl req, one peer.")
    ] = SheetForm.TEXT,
    output: Output = None,
) -> None:
    """Write down, field by field, what to type and choose on the page Generate CSR of each peer."""
    from certplan.csr.model import Choices
    from certplan.csr.sheet import sheet as sheet_of
    from certplan.report.pages.csr_sheet import openssl_config, sheet_json, sheet_markdown, sheet_text

    stated = plan_or_exit(plan)
    subject = stated_subject(country, state, locality, organization, organizational_unit, email)
    choices = Choices(cn, names, tuple(san or ()), only_required, role, store, algorithm, digest, subject)
    requests = ordered(stated, chosen_peers(stated, peer or []), choices).requests
    if form is SheetForm.OPENSSL:
        if len(requests) != 1:
            raise fail(f"--format openssl: a file is for one request, and there are {len(requests)}; use --peer.")
        write([openssl_config(requests[0])], output)
        return
    pages = [sheet_of(stated, request) for request in requests]
    match form:
        case SheetForm.JSON:
            text = sheet_json(pages, now())
        case SheetForm.MARKDOWN:
            text = sheet_markdown(pages)
        case _:
            text = sheet_text(pages)
    write([text], output)
