"""Prints what each candidate pipeline makes of the held-out messages, and what it costs: the table of docs/nlu.md.

`python -m benchmarks.nlu` runs all, `python -m benchmarks.nlu linear diet` some. Every candidate is trained and loaded
in a process of its own, one after the other; milliseconds and seconds are processor time as well as wall time, since
a machine that does other things makes the latter mean little.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("hurried", "careful")
OWN = "marcai.nlu"

Pipeline = list[dict[str, Any]]


def own_config() -> dict[str, Any]:
    """The configuration as it ships."""
    return yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))


def counted(tokenizer: str) -> Pipeline:
    """Rasa's sparse features: words, and letters within words."""
    return [
        {"name": tokenizer},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 2, "max_ngram": 5},
    ]


def candidates() -> dict[str, Pipeline]:
    """Name to pipeline."""
    shipped = own_config()["pipeline"]
    logistic = [{"name": "LogisticRegressionClassifier", "max_iter": 200}, {"name": "CRFEntityExtractor"}]
    diet = [{"name": "DIETClassifier", "epochs": 15, "number_of_transformer_layers": 1, "transformer_size": 128,
             "constrain_similarities": True, "random_seed": 7}]
    lean = [{**c, "embedding_weight": 0.0} if c["name"].endswith("LinearIntentClassifier") else c for c in shipped]
    return {
        "logistic": counted("WhitespaceTokenizer") + logistic,
        "logistic, plain words": counted(f"{OWN}.tokenizer.BrazilianTokenizer") + logistic,
        "diet, plain words": counted(f"{OWN}.tokenizer.BrazilianTokenizer") + diet,
        "linear, no embedding": lean,
        "linear": shipped,
    }


def evaluate(model: str) -> dict[str, Any]:
    """Loads a model in this process and lets it read everything."""
    began = time.perf_counter()
    from rasa.core.agent import Agent

    from marcai.nlu.evaluation import read_examples, score

    imported = time.perf_counter()
    agent = Agent.load(model)
    result: dict[str, Any] = {"import": imported - began, "load": time.perf_counter() - imported}
    asyncio.run(agent.parse_message("oi"))
    for kind in KINDS:
        examples = read_examples(str(ROOT / "tests" / "nlu" / f"heldout_{kind}.yml"))
        for name, part in ((kind, examples), (f"{kind}, unseen", [e for e in examples if not e.seen])):
            cpu = time.process_time()
            found = asyncio.run(score(agent.parse_message, part))
            result[name] = {
                "accuracy": found.accuracy(), "service": found.f1("service"), "professional": found.f1("professional"),
                "wall": found.median_milliseconds(), "cpu": 1000 * (time.process_time() - cpu) / len(part),
            }
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result


def run(name: str, pipeline: Pipeline, env: dict[str, str]) -> str:
    """Trains and evaluates one candidate; a row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        config.write_text(yaml.safe_dump({**own_config(), "pipeline": pipeline}), encoding="utf-8")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [Path(sys.executable).with_name("rasa"), "train", "nlu", "--config", str(config), "--nlu", "data/nlu",
             "--out", folder, "--fixed-model-name", "candidate"],
            cwd=ROOT, env={**env, "RASA_CACHE_DIRECTORY": f"{folder}/cache"}, check=True, capture_output=True,
        )
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        done = subprocess.run([sys.executable, "-m", "benchmarks.nlu", "--model", f"{folder}/candidate.tar.gz"],
                              cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    r = json.loads(done.stdout.splitlines()[-1])
    cells = [name, f"{cpu:.0f} / {wall:.0f}", f"{r['load']:.1f}", f"{r['memory']:.0f}"]
    for kind in KINDS:
        whole, unseen = r[kind], r[f"{kind}, unseen"]
        cells += [f"{whole[key]:.1f} ({unseen[key]:.1f})" for key in ("accuracy", "service")]
        cells.append(f"{whole['cpu']:.1f} / {whole['wall']:.1f}")
    return "| " + " | ".join(cells) + " |"


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--model"]:
        print(json.dumps(evaluate(arguments[1])))
        return
    from marcai.platform import bot

    env = {**os.environ, **bot.ENVIRONMENT}
    print("| candidate | training s (CPU / wall) | load s | MB | hurried: intents % (unseen) | service F1 (unseen) "
          "| ms (CPU / wall) | careful: intents % (unseen) | service F1 (unseen) | ms (CPU / wall) |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, pipeline in candidates().items():
        if not arguments or name in arguments:
            print(run(name, pipeline, env), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
