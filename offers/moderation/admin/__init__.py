from offers.moderation.admin import company, queue, report, wording

__all__ = ["company", "queue", "report", "wording"]
