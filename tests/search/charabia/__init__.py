"""How the tokenizer of Meilisearch itself cuts what the market sends: `cut.txt`, made from `texts.txt`.

The tokenizer (charabia, MIT) is 76 MB of WebAssembly and no part of the project. Whoever wants to make the file again:

    npm pack charabia-js@0.2.0 && tar xf charabia-js-0.2.0.tgz
    python -m tests.search.charabia | node tests/search/charabia/cut.js package > tests/search/charabia/cut.txt
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
CUT: Final = "·"  # stands where the tokenizer cut a piece


def texts() -> list[str]:
    """Names, titles, codes and questions as people write them, a line each."""
    return (_HERE / "texts.txt").read_text(encoding="utf-8").splitlines()


def cut() -> dict[str, tuple[str, ...]]:
    """Text as the market writes it -> the tokens of the real tokenizer."""
    lines = (_HERE / "cut.txt").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if not line.startswith("#")]
    return {line.replace(CUT, ""): tuple(line.replace(CUT, " ").split()) for line in told}
