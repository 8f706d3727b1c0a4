from offers.changelog import log


def prune_changes():
    log.prune()
