"""The fault plan: when and how the sandbox misbehaves, the same way in every run with one seed."""

import hashlib
import tomllib
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _

Action = Literal["rate_limit", "server_error", "delay", "cut", "truncate", "html"]


class Chance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the matching requests or batches a rule hits, counted from 1.

    Those of ``nth``, each ``every``-th, or a share of ``probability``; where none is given, all.
    ``times`` ends the rule after as many hits.
    """

    nth: tuple[int, ...] = ()
    every: int = 0
    probability: float | None = None
    times: int | None = None


class AnswerFault(Chance, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to spoil the answer to a request with a right key.

    ``path`` is a pattern below ``/api`` (``/batches*``). ``processed`` says whether the request
    takes effect before its answer is spoiled or delayed ('truncate' always does). 'rate_limit'
    answers 429 with ``retry_after`` whole seconds in its body, and in a header with
    ``retry_after_header``; 'server_error' answers ``status`` with HTML; 'delay' waits ``seconds``
    and then answers rightly; 'cut' closes the connection without an answer; 'html' answers 200
    with a web page.
    """

    action: Action
    method: str = "*"
    path: str = "*"
    processed: bool = False
    status: int = 502
    retry_after: int | None = None
    retry_after_header: int | None = None
    seconds: float = 0.0


class ItemFault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contacts that are refused: a pattern of addresses, and a share (0 to 1) of those."""

    email: str = "*"
    share: float = 1.0
    status: int = 400
    message: str = "The e-mail address can't receive messages."


class BatchStop(Chance, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Batches that end as 'stopped' when ``after`` items are processed."""

    after: int = 0


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault plan, as its file says it.

    ``echo_origin`` false leaves the origin out of every batch. ``revoke_key_after`` requests the
    key answers 401. ``retired`` answers 410 as for a version that Omnisend ended.

    Two are no faults, but answers to what Omnisend doesn't document (contracts/omnisend.md): with
    ``tags_replace`` an upsert with tags replaces a contact's tags instead of adding to them; with
    ``revive_unsubscribed`` one without an e-mail channel subscribes who had unsubscribed.
    """

    seed: int = 1
    echo_origin: bool = True
    revoke_key_after: int | None = None
    retired: bool = False
    tags_replace: bool = False
    revive_unsubscribed: bool = False
    answers: tuple[AnswerFault, ...] = ()
    items: tuple[ItemFault, ...] = ()
    stops: tuple[BatchStop, ...] = ()


def load_faults(path: Path) -> Faults:
    """The plan in a TOML file, or a JSON file by its ending; UsageError where it can't be used."""
    try:
        data = path.read_bytes()
        if path.suffix.lower() == ".json":
            return msgspec.json.decode(data, type=Faults)
        return msgspec.convert(tomllib.loads(data.decode()), type=Faults)
    except (OSError, ValueError) as error:
        raise UsageError(
            "faults_unreadable",
            _("The fault plan {name} can't be used: {reason}.").format(
                name=path.name, reason=str(error).rstrip(".")
            ),
            _("Correct the file, or start the sandbox without --faults."),
        ) from error


def share_of(*parts: object) -> float:
    """A number from 0 to below 1 that depends on ``parts`` alone, evenly spread."""
    text = "/".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest()) / (1 << 48)


class FaultPlan:
    """A plan at work: it counts what its rules have seen."""

    def __init__(self, faults: Faults) -> None:
        self.change(faults)

    def change(self, faults: Faults) -> None:
        """Another plan from now on; what its rules see is counted from here."""
        self.faults = faults
        self._seen: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()

    def answer(self, method: str, path: str) -> AnswerFault | None:
        """The rule that spoils this request; of several that hit, the first."""
        hit: AnswerFault | None = None
        for number, rule in enumerate(self.faults.answers):
            if (
                fnmatchcase(method, rule.method)
                and fnmatchcase(path, rule.path)
                and self._hit(f"answer{number}", rule)
                and hit is None
            ):
                hit = rule
        return hit

    def stop_after(self) -> int | None:
        """For the next accepted batch: after how many items it is to be stopped, if it is."""
        after: int | None = None
        for number, rule in enumerate(self.faults.stops):
            if self._hit(f"stop{number}", rule) and after is None:
                after = rule.after
        return after

    def refused(self, email: str) -> ItemFault | None:
        """The rule that refuses a contact with this address, by the address alone."""
        for number, rule in enumerate(self.faults.items):
            if fnmatchcase(email, rule.email) and (
                rule.share >= 1 or share_of(self.faults.seed, number, email) < rule.share
            ):
                return rule
        return None

    def _hit(self, name: str, chance: Chance) -> bool:
        self._seen[name] += 1
        seen = self._seen[name]
        if chance.times is not None and self._hits[name] >= chance.times:
            return False
        asked = bool(chance.nth or chance.every or chance.probability is not None)
        hit = (
            not asked
            or seen in chance.nth
            or (chance.every > 0 and seen % chance.every == 0)
            or (
                chance.probability is not None
                and share_of(self.faults.seed, name, seen) < chance.probability
            )
        )
        self._hits[name] += hit
        return hit
