"""The browser's own modules, bundled as the front end's build does, and run under Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
NODE = shutil.which("node")
ESBUILD = FRONTEND / "node_modules" / ".bin" / "esbuild"
READY = NODE is not None and ESBUILD.exists()


def bundle(entry: Path, to: Path, *options: str) -> Path:
    """One file of an entry and everything that it imports, npm packages too."""
    curves = json.loads((FRONTEND / "build" / "alias.json").read_text("utf8"))
    aliases = [f"--alias:{name}={path}" for name, path in curves.items()]
    command = [str(ESBUILD), str(entry), "--bundle", "--format=esm", *aliases, *options, f"--outfile={to}"]
    subprocess.run([*command, "--log-level=warning"], cwd=FRONTEND, check=True)
    return to


def recompute_selections(texts: list[tuple[str, bool]], folder: Path) -> list[dict[str, Any]]:
    """What the browser finds for each dossier; (text, whether to open its sealed bids)."""
    script = bundle(
        Path(__file__).with_name("recompute_selections.mjs"), folder / "recompute.mjs",
        "--platform=neutral", "--main-fields=module,main", "--external:node:fs",
    )  # fmt: skip
    (folder / "dossiers.json").write_text(json.dumps(texts), "utf8")
    command = [str(NODE), str(script), str(folder / "dossiers.json")]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    found: list[dict[str, Any]] = json.loads(printed)
    return found
