"""What a run would do, without sending anything: its counts, and what it would cost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from omnisend_tui.engine.compare import Comparer, Plan
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.leavers import find
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.mapping import Converted, compile_mapping, mask
from omnisend_tui.omnisend.models import BATCH_ITEMS
from omnisend_tui.profiles import Chunk
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Selection

TAG_CONTACTS = 250  # a tag request (contracts/omnisend.md)
_SAMPLE = 3


@dataclass(slots=True)
class Forecast:
    """``new`` are at most as many: contacts that no ledger of the workspace has for the brand.

    ``seconds`` is how long the limits of the brand and of tags take, side by side.
    """

    read: int = 0
    would_send: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0
    new: int = 0
    would_tag: int = 0
    would_remove: int = 0
    requests: int = 0
    seconds: float = 0.0
    sample: list[str] = field(default_factory=list)


def forecast(context: Context, others: Others) -> Forecast:
    """Reads the source and compares it. The caller holds the export's lock.

    Raises ``AppError`` for a source that can't be read.
    """
    job = context.job
    source = open_source(job.source, job.temp_dir)
    converter = compile_mapping(job.export)
    selection = Selection(job.export.segments, job.export.except_segments)
    comparer = Comparer(context, None, others)
    result = Forecast()
    several = len(selection.segments) > 1
    for chunk in source.read(selection, converter.columns, context.stop, memberships=several):
        _add(result, context, comparer, chunk, converter.convert(chunk))
    if result.read and job.options.limit is None:
        find(context, comparer.seen)
        result.would_remove = sum(context.ledger.leaving().values())
    _price(result, context)
    return result


def _add(
    result: Forecast, context: Context, comparer: Comparer, chunk: Chunk, converted: Converted
) -> None:
    sealed = [context.ledger.seal(email) for email in converted.emails]
    masks = chunk.memberships and [chunk.memberships[place] for place in converted.places]
    plan = comparer.divide(sealed, converted.bodies, masks)
    left_out = plan.duplicates | plan.unchanged | plan.overtagged | plan.refused.keys()
    result.read += len(chunk.rows) + len(chunk.unreadable)
    result.would_send += len(plan.send)
    result.unchanged += len(plan.unchanged)
    result.duplicates += len(plan.duplicates)
    result.rejected += len(converted.rejects) + len(plan.overtagged) + len(plan.refused)
    result.warnings += sum(position not in left_out for position, _problem in converted.warnings)
    result.new += len(plan.strangers)
    result.would_tag += len(plan.owed)
    if not context.riding:
        result.would_tag += sum(map(bool, plan.adds))
    context.ledger.leave(plan.leaving)
    result.sample += list(_sampled(plan, converted, _SAMPLE - len(result.sample)))


def _sampled(plan: Plan, converted: Converted, most: int) -> Iterator[str]:
    """Bodies as they would be sent, their addresses masked."""
    for position in plan.send[: max(0, most)]:
        email = converted.emails[position]
        body = converted.bodies[position].decode()
        yield re.sub(re.escape(email), mask(email).replace("\\", r"\\"), body, flags=re.IGNORECASE)


def _price(result: Forecast, context: Context) -> None:
    batches = -(-result.would_send // BATCH_ITEMS)
    tags = -(-result.would_tag // TAG_CONTACTS) + -(-result.would_remove // TAG_CONTACTS)
    limit = context.client.budget.limit
    posts = limit - context.client.budget.reserve
    # Polling takes the slots that are kept for it: one in a hundred, and one at the end.
    result.requests = batches + tags + (batches // max(1, posts) + 1 if batches else 0)
    brand_minutes = max(0, result.requests - limit) / max(1, posts)
    tag_limit = context.job.connection.tag_requests_per_minute
    result.seconds = 60.0 * max(brand_minutes, max(0, tags - tag_limit) / tag_limit)
