"""The beacon over HTTP in drand's v1 shape, and a page for people."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.beacon import queries, rules
from market.beacon.rules import Chain, Round
from market.beacon.source import Beacon
from market.kernel.errors import NotFound
from market.web.context import arrived_at, running
from market.web.pages import render

AnyRequest = Request[Any, Any, Any]
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
BRIEFLY = {"cache-control": "public, max-age=60"}
NEVER = {"cache-control": "no-store"}


def beacon_of(request: AnyRequest) -> Beacon:
    """The beacon in force, or NotFound when the address names another chain."""
    beacon: Beacon = running(request).beacon
    named = request.path_params.get("chain_hash", beacon.chain.hash)
    if named != beacon.chain.hash:
        raise NotFound
    return beacon


@get("/beacon")
async def beacon_page(request: AnyRequest) -> Response[str]:
    beacon, now = beacon_of(request), arrived_at(request)
    latest = rules.latest_round(beacon.chain, now)
    return render(
        request,
        "beacon/beacon.html",
        chain=beacon.chain,
        demonstration=beacon.demonstration,
        latest=latest,
        latest_at=rules.round_time(beacon.chain, latest) if latest else None,
        used=await queries.used_rounds(beacon.chain),
    )


@get("/beacon/{chain_hash:str}/info")
async def beacon_info(request: AnyRequest, chain_hash: FromPath[str]) -> Response[dict[str, Any]]:
    return Response(info_of(beacon_of(request).chain), headers=BRIEFLY)


@get("/beacon/{chain_hash:str}/public/{number:str}")
async def beacon_round(request: AnyRequest, chain_hash: FromPath[str], number: FromPath[str]) -> Response[Any]:
    beacon, now = beacon_of(request), arrived_at(request)
    latest = rules.latest_round(beacon.chain, now)
    wanted = latest if number == "latest" else _number_in(number)
    if wanted is None or latest is None or wanted > latest:
        return Response({"error": "not yet"}, status_code=425, headers=NEVER)
    found = await _round_at_hand(beacon, wanted)
    if found is None:
        raise NotFound
    return Response(round_of(found), headers=NEVER if number == "latest" else FOR_EVER)


async def _round_at_hand(beacon: Beacon, number: int) -> Round | None:
    """Local rounds are signed here. Of the public network only rounds that we used: its own relays serve the rest."""
    if beacon.demonstration:
        return await beacon.round(number)
    return await queries.stored_round(beacon.chain, number)


def _number_in(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not rules.is_round_number(int(text)):
        raise NotFound
    return int(text)


def info_of(chain: Chain) -> dict[str, Any]:
    """The chain's parameters under the names that drand's clients read."""
    return {
        "public_key": chain.public_key.hex(),
        "period": chain.period,
        "genesis_time": chain.genesis,
        "hash": chain.hash,
        "groupHash": chain.group_hash.hex(),
        "schemeID": chain.scheme,
        "metadata": {"beaconID": chain.beacon_id},
    }


def round_of(found: Round) -> dict[str, Any]:
    """A round under the names that drand's clients read."""
    return {"round": found.number, "randomness": found.randomness.hex(), "signature": found.signature.hex()}


routes: list[Any] = [beacon_page, beacon_info, beacon_round]
