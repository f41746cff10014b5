"""How the endpoints of Entra refuse."""

import uuid

from starlette.responses import Response

from omnisend_tui.sandbox.answers import json_answer


class SignInError(Exception):
    """An answer of an endpoint of OAuth: ``error`` by its name, and Entra's sentence."""

    def __init__(self, error: str, number: int, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.error = error
        self.number = number
        self.status = status

    def response(self) -> Response:
        """The answer over HTTP."""
        return json_answer(self.document(), self.status)

    def document(self) -> dict[str, object]:
        """Its body."""
        trace = str(uuid.uuid4())
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self} Trace ID: {trace}",
            "error_codes": [self.number],
            "trace_id": trace,
            "correlation_id": str(uuid.uuid4()),
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
