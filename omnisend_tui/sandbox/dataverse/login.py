"""The routes of Entra: discovery, device codes, tokens, and the page that takes a code."""

import html
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from omnisend_tui.sandbox.answers import json_answer
from omnisend_tui.sandbox.dataverse.entra import GRANTS, Entra
from omnisend_tui.sandbox.dataverse.sign_in_errors import SignInError
from omnisend_tui.sandbox.dataverse.statistics import Statistics

_FORM = "application/x-www-form-urlencoded"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a posted form; SignInError where the body is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise SignInError("invalid_request", 900144, "The request body is no form.")
    body = await request.body()
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def tenant_answer(entra: Entra, counts: Statistics, request: Request) -> Response:
    """What is asked below ``/{tenant}``."""
    tenant, rest = request.path_params["tenant"], request.path_params["rest"]
    handler = {
        "v2.0/.well-known/openid-configuration": ("GET", _discovery),
        "oauth2/v2.0/devicecode": ("POST", _device_code),
        "oauth2/v2.0/token": ("POST", _token),
    }.get(rest)
    if handler is None or request.method != handler[0]:
        status = 404 if handler is None else 405
        return SignInError("invalid_request", 900561, "No such endpoint.", status=status).response()
    try:
        if not entra.knows(tenant):
            raise SignInError("invalid_tenant", 90002, f"Tenant '{tenant}' not found.")
        return await handler[1](entra, counts, request)
    except SignInError as error:
        return error.response()


async def device_page(entra: Entra, request: Request) -> Response:
    """A form for the code; with one, what became of it."""
    code = request.query_params.get("user_code", "")
    said = ""
    if request.method == "POST":
        try:
            form = await form_of(request)
        except SignInError as error:
            return error.response()
        code = form.get("user_code", "")
        approve = form.get("answer", "approve") == "approve"
        if not entra.codes.answer(code, approve=approve):
            said = f"The code {code} isn't known, has expired, or was used."
        elif approve:
            said = "You have signed in to the sandbox. You may close this window."
        else:
            said = "You have declined the sign-in."
    page = _PAGE.format(code=html.escape(code, quote=True), said=html.escape(said))
    return Response(page, media_type="text/html", headers=_NO_STORE)


async def _discovery(entra: Entra, _counts: Statistics, request: Request) -> Response:
    host = request.url.netloc
    base = f"https://{host}/{request.path_params['tenant']}"
    return json_answer(
        {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "issuer": f"{base}/v2.0",
            "response_types_supported": ["code", "id_token", "code id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "tenant_region_scope": "EU",
        }
    )


async def _device_code(entra: Entra, _counts: Statistics, request: Request) -> Response:
    page = f"http://{request.url.netloc}/devicelogin"
    return json_answer(entra.ask(await form_of(request), page))


async def _token(entra: Entra, counts: Statistics, request: Request) -> Response:
    form = await form_of(request)
    counts.grants[GRANTS.get(form.get("grant_type", ""), "other")] += 1
    answer = json_answer(entra.tokens(form))
    answer.headers.update(_NO_STORE)
    return answer


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox sign-in</title></head><body>
<h1>Enter code</h1>
<p>{said}</p>
<form method="post" action="/devicelogin">
<label>Code <input name="user_code" value="{code}" autocomplete="off" autofocus></label>
<button name="answer" value="approve">Sign in</button>
<button name="answer" value="decline">Decline</button>
</form></body></html>
"""
