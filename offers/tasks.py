from offers import changes


def prune_changes():
    changes.prune()
