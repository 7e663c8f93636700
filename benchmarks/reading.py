"""What understanding a message costs: parsing by the shipped model against the demo's, and the date and time parser."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime

from benchmarks.demo import trained
from benchmarks.figures import Figure, at_most, by_turns, median
from marcai.nlu.datetime import parse
from marcai.platform import bot
from marcai.platform.logging import configure_for_rasa

MESSAGES = ("oi, tudo bem?", "quero marcar uma manicure amanhã às 15h", "quanto custa a escova?", "cancela pra mim",
            "tem horário com a Ana na sexta de manhã?")
OTHERS = ("hello there", "i am feeling very good today", "are you a bot?", "see you later",
          "that sounds really good to me")
PHRASES = ("amanhã às 15h", "sexta de manhã", "dia 12 às 10 e meia", "semana que vem depois das 14h",
           "depois de amanhã", "quinta ou sexta à tarde", "daqui a duas semanas", "hj 18h30", "entre 9h e 11h",
           "qualquer dia menos segunda")
NOW = datetime(2026, 11, 23, 10, 0)


def measure(rounds: int) -> list[Figure]:
    """The figures; both models are loaded into this process."""
    for name, value in bot.ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    configure_for_rasa("bench")  # for both models: Rasa would print every parsed message within the time
    ours = _parser(str(bot.train()), MESSAGES)
    theirs = _parser(str(max(trained().glob("models/*.tar.gz"))), OTHERS)
    mine, baseline = map(median, by_turns([ours, theirs], rounds, 5))
    count = len(MESSAGES)
    dates, = by_turns([lambda: [parse(phrase, now=NOW) for phrase in PHRASES]], rounds, 10)
    return [
        at_most("parsing a message (NLU)", mine / count, "rasa init demo: DIET, ResponseSelector", baseline / count, 1),
        Figure("date and time parser, one phrase", f"{median(dates) / len(PHRASES):.3f} ms"),
    ]


def _parser(model: str, messages: tuple[str, ...]):
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    loop = asyncio.new_event_loop()

    async def parse_all() -> None:
        for message in messages:
            await agent.parse_message(message)

    return lambda: loop.run_until_complete(parse_all())
