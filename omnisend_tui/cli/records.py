"""The JSON documents of cli.md, built from the records of the other rooms."""

from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.documents import Document, utc
from omnisend_tui.engine.forecast import Forecast, sample_requests
from omnisend_tui.records import Behaviour, Brand, Consent


def dry_run_document(forecast: Forecast, now: float) -> Document:
    """A dry run's object; ``would_send`` stands for created, updated and accepted."""
    error = forecast.error
    end = forecast.finished_at or now
    started = forecast.started_at
    return {
        "export": forecast.export,
        "run_id": forecast.run_id,
        "status": "dry_run",
        "read": forecast.read,
        "would_send": forecast.would_send,
        "unchanged": forecast.unchanged,
        "duplicates": forecast.duplicates,
        "rejected": forecast.rejected,
        "would_remove": forecast.would_remove,
        "would_subscribe": forecast.subscribed,
        "new": forecast.new,
        "requests_needed": forecast.price.requests,
        "seconds_needed": round(forecast.price.seconds, 3),
        "started_at": utc(started),
        "finished_at": utc(forecast.finished_at),
        "seconds": round(max(0.0, end - started), 3) if started else 0.0,
        "warnings": forecast.warnings,
        "error": error and {"code": error.code, "message": error.message, "hint": error.hint},
        "sample": sample_requests(forecast),
    }


def brand_document(brand: Brand | None) -> Document | None:
    if brand is None:
        return None
    return {
        "id": brand.id,
        "name": brand.name,
        "website": brand.website,
        "currency": brand.currency,
    }


def consent_document(consent: Consent | None) -> Document | None:
    if consent is None:
        return None
    return {
        "who": consent.who,
        "at": utc(consent.at),
        "version": consent.version,
        "language": consent.language,
        "sha256": consent.sha256,
        "base_url": consent.base_url,
    }


def behaviour_document(behaviour: Behaviour | None) -> Document | None:
    if behaviour is None:
        return None
    return {
        "tags": behaviour.tags,
        "unsubscribed": behaviour.unsubscribed,
        "at": utc(behaviour.at),
    }


def connection_document(
    connection: Connection,
    brand: Brand | None,
    behaviour: Behaviour | None,
    consent: Consent | None,
    exports: list[str],
) -> Document:
    """A connection with its brand, its newest consent and the names of the exports that use it."""
    return {
        "name": connection.name,
        "id": connection.id,
        "base_url": connection.base_url,
        "for_contributors": connection.for_contributors,
        "api_key": connection.api_key,
        "requests_per_minute": connection.requests_per_minute,
        "tag_requests_per_minute": connection.tag_requests_per_minute,
        "budget_share": connection.budget_share,
        "max_new": connection.max_new,
        "brand": brand_document(brand),
        "behaviour": behaviour_document(behaviour),
        "consent": consent_document(consent),
        "exports": exports,
    }


def source_document(source: Source) -> Document:
    """A source with the fields that its type has."""
    if source.type == "dataverse":
        return {
            "name": source.name,
            "id": source.id,
            "type": source.type,
            "url": source.url,
            "tenant": source.tenant or None,
            "client_id": source.client_id,
            "authority": source.authority or None,
            "sign_in": source.sign_in,
            "key": source.key,
            "segments": list(source.segments),
        }
    return {
        "name": source.name,
        "id": source.id,
        "type": source.type,
        "path": source.path,
        "key": source.key or None,
        "segments_column": source.segments_column or None,
        "segments": dict(source.segments),
    }


def export_document(export: Export, fields: tuple[str, ...]) -> Document:
    """An export; ``mapping`` is in the order of ``fields``, then as the export has it."""

    def place(field: str) -> int:
        return fields.index(field) if field in fields else len(fields)

    return {
        "name": export.name,
        "id": export.id,
        "connection": export.connection or None,
        "source": export.source,
        "segments": list(export.segments),
        "except_segments": list(export.except_segments),
        "mapping": [
            {
                "field": attribute.field,
                "column": attribute.column or None,
                "value": attribute.value or None,
                "default": attribute.default or None,
                "type": attribute.type,
                "confidence": attribute.confidence,
            }
            for attribute in sorted(export.mapping, key=lambda attribute: place(attribute.field))
        ],
        "date_format": export.date_format or None,
        "country": export.country or None,
        "tags": list(export.tags),
        "segment_tag": export.segment_tag or None,
        "schedule": export.schedule or "off",
        "email_status": export.email_status or None,
        "consent_column": export.consent_column or None,
        "consent_source": export.consent_source or None,
        "send_welcome": export.send_welcome,
        "max_profiles": export.max_profiles,
        "max_rejects": export.max_rejects,
        "max_leavers": export.max_leavers,
        "max_leavers_people": export.max_leavers_people,
    }
