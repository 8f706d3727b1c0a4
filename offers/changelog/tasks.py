from offers.changelog import log


def prune_changes() -> None:
    """Delete old entries of the change log. Scheduled every day."""
    log.prune()
