"""How many pairs of submit and next a second this site and Label Studio manage, in turns on the same machine."""

from collections import defaultdict
from typing import Any

from benchmarks.common import running_site, save, sized
from benchmarks.labelling.crowd import API, LABEL_STUDIO, PAGE, label
from benchmarks.labelling.databases import database, on_both_databases
from benchmarks.labelling.inside import inside
from benchmarks.labelling.journal import figures
from benchmarks.labelling.label_studio import VERSION, LabelStudio, running_label_studio
from benchmarks.speed.timing import ratio, summary
from tests.support.site import Site

MODULE = "benchmarks.labelling.peer"
CLIENTS = (1, 8)
PAIRS = sized(160, 16)
"""In each round; divisible by the numbers of clients."""
ROUNDS = sized(5, 2)
OWN = {"one image at a time": API, "as the page does": PAGE}


def main() -> None:
    result = {}
    with running_site() as site, running_label_studio() as peer:
        accounts = peer.new_annotators(max(CLIENTS))
        for clients in CLIENTS:
            result[str(clients)] = _compared(site, peer, accounts[:clients])
    save(
        f"labelling_peer_{database()}", {"pairs": PAIRS, "peer": f"Label Studio {VERSION}", "clients": result}
    )


def _compared(site: Site, peer: LabelStudio, accounts: list[dict[str, str]]) -> dict[str, Any]:
    clients, images = len(accounts), ROUNDS * PAIRS + 20 * len(accounts)
    project = peer.new_project(f"{clients} clients", images=images)
    teams = {
        name: inside(site, f"new_team('{clients}, {name}', images={images}, people={clients}, overlap=1)")
        for name in OWN
    }
    rates: dict[str, list[float]] = defaultdict(list)
    not_saved: dict[str, int] = defaultdict(int)
    for _ in range(ROUNDS):
        theirs = label(
            LABEL_STUDIO, host=peer.url, project=project, accounts=accounts, turns=PAIRS // clients
        )
        journals = {"peer": theirs} | {
            name: label(
                way, host=site.url, project=teams[name]["project"], accounts=teams[name][way],
                turns=PAIRS // clients,
            )
            for name, way in OWN.items()
        }  # fmt: skip
        for name, journal in journals.items():
            rates[name].append(journal.pairs_per_second)
            not_saved[name] += figures(journal)["not_saved"]
    return {
        name: {"pairs_per_second": summary(found), "not_saved": not_saved[name]}
        | ({"times_the_peer": ratio(found, rates["peer"])} if name in OWN else {})
        for name, found in rates.items()
    }


if __name__ == "__main__":
    on_both_databases(main, MODULE)
