"""Where witnesses bring their cosignatures."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post

from market.kernel.errors import NotFound
from market.register.cosigning import Overtaken, take_cosignatures
from market.register.notes import LARGEST_NOTE, NoteInvalid

NO_STORE = {"cache-control": "no-store"}


# No form and no session: what counts is the signature, which nobody else can make.
@post("/register/cosignatures", status_code=200, csrf_exempt=True, request_max_body_size=LARGEST_NOTE)
async def cosignatures(request: Request[Any, Any, Any]) -> Response[Any]:
    """The body is a checkpoint of this register with cosignatures of witnesses that it knows. 409 names the size that
    the witness has cosigned already (as C2SP tlog-witness does), 404 means that we never signed such a checkpoint."""
    try:
        taken = await take_cosignatures((await request.body()).decode("utf8"))
    except (NoteInvalid, UnicodeDecodeError) as problem:
        return Response({"error": str(problem)}, status_code=403, headers=NO_STORE)
    except NotFound:
        return Response({"error": "this register never signed that checkpoint"}, status_code=404, headers=NO_STORE)
    except Overtaken as problem:
        return Response(f"{problem.size}\n", status_code=409, media_type="text/x.tlog.size", headers=NO_STORE)
    return Response({"taken": taken}, headers=NO_STORE)


routes: list[Any] = [cosignatures]
