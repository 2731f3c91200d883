"""From a template and a view to a page. Templates see plain values; rendering is synchronous and quick."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from markupsafe import Markup

from market.kernel.i18n import DEFAULT_LOCALE, LOCALES, ROOT, locale, speaking, translate
from market.kernel.ids import new_id
from market.web import display
from market.web.assets import asset, icon
from market.web.contents import contents
from market.web.context import Running
from market.web.receipts import take_flashes
from market.web.security import CSRF_FIELD, csrf_token
from market.web.viewer import ANONYMOUS, Viewer

PREFERENCES = {
    "locale": tuple(LOCALES),
    "theme": ("auto", "light", "dark"),
    "size": ("normal", "large"),
    "contrast": ("normal", "high"),
}


@dataclass(frozen=True)
class Site:
    """What every page says of the site itself."""

    name: str
    demo: bool
    region: str
    public_url: str


@lru_cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.do"], auto_reload=False,
    )  # fmt: skip
    env.globals.update({"_": translate, "asset": asset, "icon": icon, "locales": LOCALES, "current_locale": locale})
    for name in ("money", "wan", "moment", "moment_exact", "day", "last_day", "local_input", "duration", "percent", "mask_phone",
                 "mask_name", "mask_id_number", "say", "show", "unit", "whole"):  # fmt: skip
        env.filters[name] = getattr(display, name)
    env.filters["contents"] = contents
    return env


def preferences_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Language, colours, size as the visitor chose them; unknown values count as not chosen."""
    cookies = request.scope["state"].get("cookies", {})
    chosen = {name: cookies.get(f"mx_{name}", "") for name in PREFERENCES}
    return {name: chosen[name] if chosen[name] in allowed else allowed[0] for name, allowed in PREFERENCES.items()}


def locale_of(request: Request[Any, Any, Any]) -> str:
    return preferences_of(request).get("locale", DEFAULT_LOCALE)


def html(request: Request[Any, Any, Any], template: str, **context: Any) -> str:
    """The rendered text, in the visitor's language."""
    with speaking(locale_of(request)):
        return environment().get_template(template).render(_page_context(request) | context)


def render(request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any) -> Response[str]:
    text = html(request, template, **context)
    if status == 200:
        request.scope["state"]["page"] = text  # for market.web.kept
    if status == 422:
        request.scope["state"]["form_errors"] = context.get("errors", {})  # for market.api
    return Response(text, status_code=status, media_type=MediaType.HTML)


def _page_context(request: Request[Any, Any, Any]) -> dict[str, Any]:
    state = request.scope["state"]
    running: Running = request.app.state.running
    viewer: Viewer = state.get("viewer", ANONYMOUS)
    settings = running.settings
    return {
        "viewer": viewer,
        "now": state["arrived_at"],
        "locale": locale_of(request),
        "preferences": preferences_of(request),
        "site": Site(settings.site_name, settings.demo, settings.site_region, settings.public_url),
        "flashes": take_flashes(request),
        # A page that shows a form says nothing of its own about these until the form comes back (market.web.again).
        "values": {},
        "errors": {},
        "hindrance": state.get("hindrance"),
        "written": state.get("written", ()),
        "path": request.url.path,
        "query": dict(request.query_params),
        "csrf_field": lambda: _hidden(CSRF_FIELD, csrf_token(request)),
        "csrf_value": lambda: csrf_token(request),
        "form_key": lambda: _form_key(request),
        "url_with": lambda **changes: url_with(request, **changes),
    }


def _form_key(request: Request[Any, Any, Any]) -> str:
    """Good for one sending of one form, so the page is one visitor's alone."""
    request.scope["state"]["page_is_personal"] = True
    return str(new_id())


def _hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def url_with(request: Request[Any, Any, Any], **changes: Any) -> str:
    """This page's address with some query values changed; None removes one."""
    query = {name: value for name, value in request.query_params.items() if name not in changes}
    query |= {name: value for name, value in changes.items() if value is not None}
    return request.url.path + (f"?{urlencode(query)}" if query else "")
