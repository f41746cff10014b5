"""The sign-in of the sandbox: one tenant, one registration, one person, and their tokens."""

import base64
import secrets
import uuid
from collections.abc import Callable, Mapping

import msgspec

from omnisend_tui.sandbox.dataverse.device_codes import DeviceCodes
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.sign_in_errors import SignInError

PERSON = "aino.korhonen@example.com"
_NAME = "Aino Korhonen"
_OPENID = ("openid", "profile", "offline_access")
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = {_DEVICE: "device_code", "refresh_token": "refresh_token"}
GRANTS |= {"client_credentials": "client_credentials"}


class Entra:
    """Gives codes and tokens. ``resource`` is the address of the organization."""

    def __init__(
        self, options: DataverseOptions, resource: str, clock: Callable[[], float]
    ) -> None:
        self.options = options
        self.tenant = options.tenant or str(uuid.uuid4())
        self.client_id = options.client_id or str(uuid.uuid4())
        self.client_secret = options.client_secret or f"sbx8Q~{secrets.token_urlsafe(26)}"
        self.resource = resource
        self._clock = clock
        self._user_id = str(uuid.uuid4())
        self._tenant_id = str(uuid.uuid4())
        self.codes = DeviceCodes(options, clock)
        self._access: dict[str, float] = {}
        self._refresh: dict[str, tuple[str, ...]] = {}

    def ask(self, form: Mapping[str, str], page: str) -> dict[str, object]:
        """Begins a sign-in by device code; ``page`` is where a person enters it."""
        self._check_client(form)
        scopes = self._scopes(form, "user_impersonation", ".default")
        asked = self.codes.new(scopes)
        return {
            "user_code": asked.user_code,
            "device_code": asked.device_code,
            "verification_uri": page,
            "expires_in": self.options.code_seconds,
            "interval": self.options.interval,
            "message": "To sign in, use a web browser to open the page"
            f" {page} and enter the code {asked.user_code} to authenticate.",
        }

    def tokens(self, form: Mapping[str, str]) -> dict[str, object]:
        """The answer of the token endpoint; SignInError."""
        grant = GRANTS.get(form.get("grant_type", ""))
        if grant is None:
            name = "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
            raise SignInError(name, 70003, "The app requested an unsupported grant type.")
        self._check_client(form)
        if grant == "client_credentials":
            self._check_secret(form)
            self._scopes(form, ".default")
            return self._bearer()
        if not self.options.public_client:
            raise SignInError(
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or"
                " 'client_secret'.",
                401,
            )
        if grant == "device_code":
            return self._of_person(self.codes.redeem(form.get("device_code", "")), form)
        scopes = self._refresh.get(form.get("refresh_token", ""))
        if scopes is None:
            raise SignInError(
                "invalid_grant",
                700082,
                "The refresh token has expired due to inactivity or was revoked.",
            )
        return self._of_person(
            self._scopes(form, "user_impersonation", ".default") if form.get("scope") else scopes,
            form,
        )

    def expire(self) -> None:
        """Every access token is refused from now on."""
        self._access.clear()

    def revoke(self) -> None:
        """The person has to sign in anew."""
        self._access.clear()
        self._refresh.clear()

    def is_valid(self, token: str) -> bool:
        """Whether an access token is one, and not expired."""
        return self._clock() < self._access.get(token, 0.0)

    def knows(self, tenant: str) -> bool:
        """Whether a name in an address is that of the tenant."""
        return tenant.lower() in (self.tenant.lower(), self._tenant_id)

    def _check_client(self, form: Mapping[str, str]) -> None:
        client_id = form.get("client_id", "")
        if not client_id:
            raise SignInError(
                "invalid_request",
                900144,
                "The request body must contain the following parameter: 'client_id'.",
            )
        if client_id.lower() != self.client_id.lower():
            raise SignInError(
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory"
                f" '{self.tenant}'.",
            )

    def _check_secret(self, form: Mapping[str, str]) -> None:
        secret = form.get("client_secret", "")
        if not secret:
            raise SignInError(
                "invalid_client",
                7000216,
                "'client_assertion', 'client_secret' or 'request' is required for the"
                " 'client_credentials' grant type.",
                401,
            )
        if not secrets.compare_digest(secret.encode(), self.client_secret.encode()):
            raise SignInError("invalid_client", 7000215, "Invalid client secret provided.", 401)

    def _scopes(self, form: Mapping[str, str], *allowed: str) -> tuple[str, ...]:
        scopes = tuple(dict.fromkeys(form.get("scope", "").split()))
        if not scopes:
            raise SignInError(
                "invalid_request",
                900144,
                "The request body must contain the following parameter: 'scope'.",
            )
        asked = [scope for scope in scopes if scope not in _OPENID]
        for scope in asked:
            resource, _, name = scope.rpartition("/")
            if resource.rstrip("/") != self.resource:
                raise SignInError(
                    "invalid_resource",
                    500011,
                    f"The resource principal named {resource} was not found in the tenant named"
                    f" {self.tenant}.",
                )
            if name not in allowed:
                number = 1002012 if allowed == (".default",) else 65005
                raise SignInError(
                    "invalid_scope",
                    number,
                    f"The provided value for scope {scope} is not valid.",
                )
        if not asked:
            raise SignInError("invalid_scope", 70011, "The scope names no resource.")
        return scopes

    def _bearer(self) -> dict[str, object]:
        token = f"{_part({'typ': 'JWT', 'alg': 'RS256'})}.{secrets.token_urlsafe(1100)}"
        seconds = self.options.token_seconds
        self._access[token] = self._clock() + seconds
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": token,
        }

    def _of_person(self, scopes: tuple[str, ...], form: Mapping[str, str]) -> dict[str, object]:
        granted = [scope for scope in scopes if scope not in _OPENID]
        answer = self._bearer() | {"scope": " ".join(granted)}
        if "offline_access" in scopes:
            token = f"1.{secrets.token_urlsafe(900)}"
            self._refresh[token] = scopes
            answer["refresh_token"] = token
        if "openid" in scopes:
            answer["id_token"] = self._id_token()
        if form.get("client_info"):
            answer["client_info"] = _part({"uid": self._user_id, "utid": self._tenant_id})
        return answer

    def _id_token(self) -> str:
        now = int(self._clock())
        claims = {
            "aud": self.client_id,
            "iss": f"https://login.microsoftonline.com/{self._tenant_id}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + self.options.token_seconds,
            "name": _NAME,
            "oid": self._user_id,
            "preferred_username": PERSON,
            "sub": secrets.token_urlsafe(32),
            "tid": self._tenant_id,
            "ver": "2.0",
        }
        head = _part({"typ": "JWT", "alg": "RS256", "kid": secrets.token_urlsafe(20)})
        return f"{head}.{_part(claims)}.{secrets.token_urlsafe(256)}"


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(content)).rstrip(b"=").decode()
