"""What the browser encrypts opens here: the same module under Node, without a network."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from projects.experts.proposals import LONGEST_NAME, Proposal, ProposalSeal, check_form, decrypt_proposal

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "frontend" / "js" / "bids" / "proposal.js"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None and not os.environ.get("CI"), reason="NO INTEROPERABILITY TEST: needs Node"
)
PROPOSALS = [
    Proposal("技术方案.pdf", b"%PDF-1.4 " + bytes(range(256))), Proposal("x", b"1"), Proposal("方" * 300, b"\x00" * 70_000),
]  # fmt: skip


def test_what_the_browser_encrypts_opens_here() -> None:
    assert NODE is not None, "in CI a missing Node is a failure"
    given = json.dumps([[one.name, base64.b64encode(one.content).decode()] for one in PROPOSALS])
    command = [NODE, str(Path(__file__).with_name("encrypt.mjs")), str(MODULE)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    for proposal, (file, key, sha256) in zip(PROPOSALS, json.loads(done.stdout), strict=True):
        content = base64.b64decode(file)
        check_form(content)
        opened = decrypt_proposal(content, ProposalSeal(key, sha256))
        assert opened.content == proposal.content
        assert opened.name == proposal.name.encode()[:LONGEST_NAME].decode(errors="ignore")
