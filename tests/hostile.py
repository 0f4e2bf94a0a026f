"""One hostile cluster for every output: names that would be markup, formulas or terminal controls if they were let."""

import json
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from certplan.evidence.gather import gather
from certplan.judgement import Judgement, judge
from certplan.plan.reading import read_plan
from tests.clusters import Draft, expressway_e
from tests.pki import AT

__all__ = ["FILE", "FORMULA", "LINK", "LONG", "MARKUP", "REFUSED", "SCRIPT", "hostile_cluster", "hostile_judgement"]

SCRIPT = "<script>alert(1)</script>"
LINK = "x](javascript:alert(1))"
MARKUP = "[red]boom[/red]"
FORMULA = "=cmd|'/C_calc'!A0"
PLACEHOLDER = "{0}{x}"
LONG = "A" * 10_000
ESCAPE = "\x1b[31mred\x1b]0;title\x07"
RIGHT_TO_LEFT = "abc\u202egpj.exe"
NUL = "a\x00b"
FILE = f"{FORMULA}\n{ESCAPE}{RIGHT_TO_LEFT}{NUL} [x](javascript:alert(1))<script>\udcff{{0}}|plan.yaml"
"""The name of the plan file, as it would come from a command line."""
REFUSED = (ESCAPE, RIGHT_TO_LEFT, NUL, LONG)
"""What a plan may not hold: only certificates and file names bring it."""


def hostile_cluster() -> Draft:
    """Six peers whose addresses, names and certificates are attacks."""
    draft = expressway_e(6)
    cluster = draft.plan["cluster"]
    cluster["name"] = SCRIPT
    cluster["address_mapping"][1]["fqdn"] = LINK
    for number, address in enumerate((LINK, MARKUP, FORMULA, PLACEHOLDER, SCRIPT), 1):
        draft.peer(number).update({"address": address, "fqdn": address, "system_name": address, "ntp": [address]})
    texts = (SCRIPT, LINK, ESCAPE, RIGHT_TO_LEFT, NUL, LONG)
    for number, text in enumerate(texts, 1):
        sans = [text.replace("\u202e", "\x7f"), *(f"{FORMULA}{number}", MARKUP)]
        draft.reissue(number, subject=_subject(text), sans=sans)
    # The last peer answers to its name all the same, and shows a system name that is one.
    draft.reissue(6, cn="exe6.example.com", sans=["exe6.example.com", LONG, ESCAPE])
    draft.peer(6)["system_name"] = f"{FORMULA} {SCRIPT} {MARKUP}"
    draft.peer(5)["server_certificate"] = f"{FORMULA}{SCRIPT}.pem"
    draft.records("public").append(f"{SCRIPT} A 1.2.3.4")
    draft.plan["waivers"] = [{"rule": "CLU*", "reason": f"{FORMULA} {LINK} {MARKUP} {SCRIPT}", "until": "2027-01-01"}]
    return draft


def hostile_judgement(folder: Path) -> Judgement:
    """The hostile cluster, in a plan file of a hostile name."""
    draft = hostile_cluster()
    draft.write(folder)
    plan = read_plan(json.dumps(draft.plan), FILE, folder)
    return judge(plan, gather(plan, AT, live_dns=False), AT)


def _subject(text: str) -> x509.Name:
    with warnings.catch_warnings():
        # The library warns of a CN over 64 characters.
        warnings.simplefilter("ignore")
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)])
