"""How many pairs of submit and next a second this site and Label Studio manage, in turns on the same machine."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.common import running_site, sized
from benchmarks.labelling.cells import LabellingCell, cell
from benchmarks.labelling.crowd import API, LABEL_STUDIO, PAGE, label
from benchmarks.labelling.inside import inside
from benchmarks.labelling.journal import Journal, handed_beyond
from benchmarks.labelling.label_studio import VERSION, running_label_studio, versions
from benchmarks.speed.timing import ratio, summary

TURNS = sized({1: (15, 100), 50: (1, 20)}, {1: (2, 20), 8: (1, 20)})
"""How many images each client reads in one round, in Label Studio and here, by the number of clients.

They take far less time here. A batch is 20 images: in multiples of it, each batch that was asked for was also read.
"""
ROUNDS = sized(4, 2)
OWN = {"one by one": API, "by batches": PAGE}


def cells() -> Iterator[LabellingCell]:
    for clients, (turns, own_turns) in TURNS.items():
        settings = {"peer": f"Label Studio {VERSION}", "clients": clients, "turns": turns, "rounds": ROUNDS}
        settings |= {"own_turns": own_turns}
        measure = partial(_compared, clients, turns, own_turns)
        yield cell("peer", f"{clients} clients", settings, measure, unit="pairs per second")


def _compared(clients: int, turns: int, own_turns: int) -> dict[str, Any]:
    with running_site() as site, running_label_studio() as peer:
        accounts = peer.new_annotators(clients)
        # One image per client is leased when a round ends, and a batch per client where they come by batches.
        project = peer.new_project("Meters", images=ROUNDS * clients * (turns + 1))
        images = ROUNDS * clients * (own_turns + 20)
        teams = {
            name: inside(site, f"new_team({name!r}, images={images}, people={clients}, overlap=1)")
            for name in OWN
        }
        journals: dict[str, list[Journal]] = defaultdict(list)
        for _ in range(ROUNDS):
            theirs = label(LABEL_STUDIO, host=peer.url, project=project, accounts=accounts, turns=turns)
            journals["peer"].append(theirs)
            for name, way in OWN.items():
                team = teams[name]
                # Pictures apart: nobody fetches any in Label Studio either.
                ours = label(
                    way, host=site.url, project=team["project"], accounts=team[way],
                    turns=own_turns, pictures=False,
                )  # fmt: skip
                journals[name].append(ours)
    return {"peer_versions": versions(), **figures(journals)}


def figures(journals: dict[str, list[Journal]]) -> dict[str, Any]:
    """What each way managed in each round, `peer` among them, and how many times the peer that is."""
    rates = {name: [one.pairs_per_second for one in found] for name, found in journals.items()}
    return {
        name: {
            "pairs_per_second": summary(rates[name]),
            "pairs": sum(len(one.turns) for one in found),
            "not_saved": sum(not turn.is_saved for one in found for turn in one.turns),
            "requests_failed": sum(one.failed for one in found),
            "images_handed_out_beyond_overlap": sum(handed_beyond(one, overlap=1) for one in found),
        }
        | ({"times_the_peer": ratio(rates[name], rates["peer"])} if name != "peer" else {})
        for name, found in journals.items()
    }
