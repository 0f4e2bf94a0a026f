"""DNS: the clusters that goldens and findings about DNS begin with."""

from tests.clusters import Draft

EDGE = "_collab-edge._tls.example.com"


def replaced(draft: Draft, view: str, old: str, *new: str) -> Draft:
    """Put `new` in the place of the one record of `view` that begins with `old`."""
    records = draft.records(view)
    place = next(number for number, record in enumerate(records) if record.startswith(old))
    records[place : place + 1] = new
    return draft
