"""The bench of contracts measures real ones: they verify, and each is another."""

from __future__ import annotations

from market.cli.bench.contract import Parties, bare_libraries, make_contracts, some_terms


async def test_both_ways_give_signed_contracts_that_verify() -> None:
    terms, parties = [some_terms(1)], Parties()
    assert await make_contracts(terms, parties) > 0
    assert await bare_libraries(terms, parties) > 0
    assert terms[0].sha256 != some_terms(2).sha256
    assert sum(one.price_fen for one in terms[0].milestones) == terms[0].price_fen
