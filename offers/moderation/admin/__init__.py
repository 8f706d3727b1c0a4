from offers.moderation.admin import queue, report, wording

__all__ = ["queue", "report", "wording"]
