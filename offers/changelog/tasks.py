from offers.changelog import log as changes


def prune_changes():
    changes.prune()
