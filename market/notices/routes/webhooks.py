"""Webhooks of an organisation, managed by its administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.catalogue.queries import rulebook_in_force
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.notices.events import BY_ID, KINDS, events_of_kind
from market.notices.forms import BAD_TARGETS, NewEndpoint, parse_endpoint, problem_said
from market.notices.routes.inbox import page_number
from market.notices.webhooks import actions, queries
from market.notices.webhooks.network import checked_address
from market.notices.webhooks.queries import CALLS_SHOWN, EndpointView, Limits, limits_of
from market.notices.webhooks.rules import MOST_ENDPOINTS, REFUSED_TRIES, BadTarget, target_of
from market.web.context import arrived_at, running
from market.web.forms import Fields, keep_values
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]
PAGE = "/account/webhooks"


def _admin(request: AnyRequest) -> tuple[Viewer, UUID, UUID]:
    viewer = require_viewer(request, role="admin")
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return viewer, viewer.organisation_id, viewer.person_id


async def _endpoint(request: AnyRequest, endpoint_id: UUID) -> EndpointView:
    return await queries.access_endpoint(_admin(request)[1], endpoint_id)


async def _limits(request: AnyRequest) -> Limits:
    return limits_of(await rulebook_in_force(running(request).settings.site_region, arrived_at(request)))


async def _page(request: AnyRequest, errors: Any, values: dict[str, Any], *, status: int = 200) -> Response[Any]:
    _, organisation_id, _ = _admin(request)
    return render(
        request, "notices/webhooks.html", status=status, errors=errors, values=values, kinds=KINDS, limits=await _limits(request),
        events_of_kind=events_of_kind, endpoints=await queries.endpoints_of(organisation_id), most=MOST_ENDPOINTS,
        refused_tries=REFUSED_TRIES,
    )  # fmt: skip


@get(PAGE)
async def webhooks_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, {}, {"which": "all", "events": []})


@post(PAGE)
async def add_webhook(request: AnyRequest) -> Response[Any]:
    _, organisation_id, person_id = _admin(request)
    form = await request.form()
    try:
        new = await _checked(request, form)
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, keep_values(form, ["events"]), status=422)
    settings = running(request).settings
    endpoint_id, secret = await actions.add_endpoint(
        organisation_id, person_id, new.url, new.events, key=settings.secret_key, now=arrived_at(request)
    )
    return _secret_page(request, await queries.access_endpoint(organisation_id, endpoint_id), secret)


async def _checked(request: AnyRequest, form: FormMultiDict) -> NewEndpoint:
    near = running(request).settings.webhooks_to_this_machine
    new = parse_endpoint(form, to_this_machine=near)
    try:
        await checked_address(target_of(new.url, to_this_machine=near), to_this_machine=near)
    except BadTarget as bad:
        raise FormInvalid({"url": [Message(BAD_TARGETS[bad.why])]}) from bad
    return new


def _secret_page(request: AnyRequest, endpoint: EndpointView, secret: str) -> Response[Any]:
    return render(request, "notices/webhook_secret.html", endpoint=endpoint, secret=secret)


@get("/account/webhooks/{endpoint_id:uuid}")
async def webhook_page(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    endpoint, page = await _endpoint(request, endpoint_id), page_number(request)
    calls, total = await queries.calls_of(endpoint.id, page)
    pages = max(-(-total // CALLS_SHOWN), 1)
    return render(
        request, "notices/webhook.html", endpoint=endpoint, calls=calls, total=total, pages=pages, page=min(page, pages),
        waiting=await queries.waiting_calls(endpoint.id), limits=await _limits(request), names=BY_ID,
        refused_tries=REFUSED_TRIES, problem_said=problem_said,
    )  # fmt: skip


@post("/account/webhooks/{endpoint_id:uuid}/ping")
async def ping_webhook(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    endpoint = await _endpoint(request, endpoint_id)
    await actions.ping(endpoint, now=arrived_at(request))
    return redirect(
        request, endpoint.page, notice=N_("The test call is queued; its answer appears in the log in a moment.")
    )


@get("/account/webhooks/{endpoint_id:uuid}/rotate")
async def confirm_rotation(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    return render(request, "notices/webhook_confirm.html", endpoint=await _endpoint(request, endpoint_id), act="rotate")


@post("/account/webhooks/{endpoint_id:uuid}/rotate")
async def rotate_secret(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    endpoint = await _endpoint(request, endpoint_id)
    secret = await actions.rotate(endpoint, key=running(request).settings.secret_key, now=arrived_at(request))
    return _secret_page(request, endpoint, secret)


@post("/account/webhooks/{endpoint_id:uuid}/switch")
async def switch_webhook(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    endpoint, fields = await _endpoint(request, endpoint_id), Fields(await request.form())
    on = fields.choice("on", N_("State"), ("0", "1")) == "1"
    fields.check()
    await actions.turn(endpoint, on=on, now=arrived_at(request))
    notice = N_("The webhook is on: what waited is sent now.") if on else N_("The webhook is off; its messages wait.")
    return redirect(request, endpoint.page, notice=notice)


@get("/account/webhooks/{endpoint_id:uuid}/remove")
async def confirm_removal(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    return render(request, "notices/webhook_confirm.html", endpoint=await _endpoint(request, endpoint_id), act="remove")


@post("/account/webhooks/{endpoint_id:uuid}/remove")
async def remove_webhook(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    endpoint = await _endpoint(request, endpoint_id)
    await actions.remove(endpoint, now=arrived_at(request))
    return redirect(request, PAGE, notice=N_("The webhook is removed."))


@post("/account/webhooks/{endpoint_id:uuid}/replay")
async def replay_calls(request: AnyRequest, endpoint_id: FromPath[UUID]) -> Response[Any]:
    endpoint, fields = await _endpoint(request, endpoint_id), Fields(await request.form())
    call_id = fields.identifier("call", N_("Call"))
    later = fields.choice("and_later", N_("How much"), ("0", "1")) == "1"
    fields.check()
    assert call_id is not None
    count = await actions.replay(endpoint, call_id, and_later=later, now=arrived_at(request))
    return redirect(request, endpoint.page, notice=N_("{count} calls are queued to be made again."), count=count)


routes: list[Any] = [
    webhooks_page, add_webhook, webhook_page, ping_webhook, confirm_rotation, rotate_secret, switch_webhook, confirm_removal,
    remove_webhook, replay_calls,
]  # fmt: skip
