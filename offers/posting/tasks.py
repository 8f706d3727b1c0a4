from offers.posting import expiry, freshness


def ask_recruiters() -> None:
    """Ask whether offers still stand, and say which end. Scheduled every morning; repeating it says nothing twice."""
    freshness.run()


def expire_offers() -> None:
    """Call what is over by its name. Scheduled every ten minutes."""
    expiry.run()
