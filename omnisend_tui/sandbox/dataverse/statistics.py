"""What the sandbox of Dataverse and Entra has counted, for tests and benchmarks."""

from collections import Counter


class Statistics:
    """Counts requests and answers; a request counts whether it was refused or not."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.grants: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.rows: Counter[str] = Counter()
        self.most_at_once = 0

    def document(self) -> dict[str, object]:
        """Everything so far.

        ``requests`` by kind: profiles, profiles_by_id, memberships, metadata, attributes, whoami,
        token, devicecode, discovery, other. ``grants`` are the requests for tokens by grant type,
        ``answers`` by status (0: cut), ``throttled`` those with 429, ``rows`` by entity set.
        """
        return {
            "requests": dict(self.requests),
            "grants": dict(self.grants),
            "answers": {str(status): number for status, number in dict(self.answers).items()},
            "throttled": self.answers[429],
            "rows": dict(self.rows),
            "most_at_once": self.most_at_once,
        }
