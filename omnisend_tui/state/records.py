from omnisend_tui.records import BatchRow, Brand, Consent, LogLine

__all__ = ["BatchRow", "Brand", "Consent", "LogLine"]
