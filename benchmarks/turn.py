"""A turn of the running product, from the signed webhook to the Graph call, against Rasa's demo on its REST channel."""

from __future__ import annotations

import itertools
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.demo import Demo
from benchmarks.figures import Figure, at_most, median, percentile
from benchmarks.wire import Connection, Customer, GraphDouble
from marcai.platform.supervisor import System

LINE = "100000000000001"  # the demonstration salon's
TYPED = ("oi, tudo bem?", "que horas vocês abrem?", "quanto custa a escova?", "obrigada", "onde fica o salão?")
DEMO = ("hello", "i am feeling very good", "hey there", "are you a bot?", "see you later")
LIST = "quais serviços vocês fazem?"
FIRST, LAST = 5, 200
REST = 0.03  # seconds between messages: what a turn leaves behind is done by then
BASELINE = "rasa init demo, REST channel, typed"


@contextmanager
def product(folder: Path) -> Iterator[list[Customer]]:
    """The product on free ports with a Graph double; gives an endless supply of customers."""
    graph, secret = GraphDouble(), secrets.token_hex(20)
    system = System(folder, simulator=False, private=True,
                    overrides={"WHATSAPP_GRAPH_URL": graph.url, "WHATSAPP_APP_SECRET": secret})
    system.start()
    webhook = Connection(f"http://127.0.0.1:{system.env['RASA_PORT']}/webhooks/whatsapp/webhook")
    numbers = itertools.count(5511910000001)
    try:
        yield (Customer(str(next(numbers)), LINE, secret, webhook, graph) for _ in itertools.count())
    finally:
        webhook.close()
        system.stop()
        graph.close()


def measure(folder: Path, conversations: int, last: int = LAST) -> list[Figure]:
    """The figures.

    Args:
        folder: for data and logs.
        conversations: how many customers talk, each as often as `last`.
        last: the number of the late message.
    """
    with product(folder / "product") as customers, Demo(folder) as demo:
        _warm_up(next(customers), demo)
        typed, tapped = _Samples(), _Samples()
        for number in range(conversations):
            _typed(next(customers), demo, f"typed-{number}", typed, last)
            _tapped(next(customers), demo, f"tapped-{number}", tapped, last)
    figures = []
    for name, found, bound in (("typed", typed, 1), ("tapped", tapped, 0.5)):
        what = f"a {name} turn, around message {FIRST}"
        figures.append(at_most(f"{what}: median", median(found.early), BASELINE, median(found.demo), bound))
        figures.append(at_most(f"{what}: p95", percentile(found.early, 0.95), BASELINE,
                               percentile(found.demo, 0.95), bound))
        figures.append(at_most(f"a {name} turn, around message {last}: median", median(found.late),
                               f"ours around message {FIRST}", median(found.early), 1.2))
    return figures


class _Samples:
    """Milliseconds of turns: ours early and late in a conversation, and the demo's beside the early ones."""

    def __init__(self) -> None:
        self.early: list[float] = []
        self.late: list[float] = []
        self.demo: list[float] = []


def _warm_up(customer: Customer, demo: Demo) -> None:
    for place in range(20):
        customer.say(LIST if place % 2 else TYPED[place % len(TYPED)])
        demo.say("warm", DEMO[place % len(DEMO)])
    customer.tap(_service(customer, 0))


def _typed(customer: Customer, demo: Demo, sender: str, samples: _Samples, last: int) -> None:
    """The same five messages over and over; all five are measured, around each of the two places."""
    for place in range(1, last + 3):
        ours = customer.say(TYPED[place % len(TYPED)])
        _keep(samples, place, last, 2, ours)
        if place <= FIRST + 2:
            time.sleep(REST)
            theirs = demo.say(sender, DEMO[place % len(DEMO)])
            if place >= FIRST - 2:
                samples.demo.append(theirs)
            time.sleep(REST)


def _tapped(customer: Customer, demo: Demo, sender: str, samples: _Samples, last: int) -> None:
    """The catalogue is asked for at odd places, and one of its services tapped at even ones."""
    for place in range(1, last + 3, 2):
        customer.say(LIST)
        time.sleep(REST)
        _keep(samples, place + 1, last, 3, customer.tap(_service(customer, place // 2)))
        if place <= FIRST + 2:
            time.sleep(REST)
            samples.demo.append(demo.say(sender, DEMO[place // 2 % len(DEMO)]))
            time.sleep(REST)


def _keep(samples: _Samples, place: int, last: int, within: int, ours: float) -> None:
    if abs(place - FIRST) <= within:
        samples.early.append(ours)
    elif abs(place - last) <= within:
        samples.late.append(ours)
        time.sleep(REST)


def _service(customer: Customer, number: int) -> str:
    titles = [title for title in customer.options if title != "Ver mais"]
    return titles[number % len(titles)]


def main() -> None:
    """A short run, for work on the turn."""
    with tempfile.TemporaryDirectory() as folder:
        for figure in measure(Path(folder), 2, 30):
            print(figure)


if __name__ == "__main__":
    main()
