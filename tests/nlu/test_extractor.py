"""The extractor by itself: trained on little, stored, loaded, used after its files are gone."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

SCRIPT = dedent("""
    import contextlib, gc, pathlib, shutil, sys

    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from marcai.nlu.extractor import BrazilianEntityExtractor

    folder = pathlib.Path(sys.argv[1])


    class Storage:
        @contextlib.contextmanager
        def write_to(self, resource):
            folder.mkdir()
            yield folder

        @contextlib.contextmanager
        def read_from(self, resource):  # as Rasa's: the folder is gone once it was read
            yield folder
            shutil.rmtree(folder)


    def message(service, name):
        text = f"quero marcar {service} com a {name}"
        entities = [{"entity": entity, "start": text.index(value), "end": text.index(value) + len(value)}
                    for entity, value in (("service", service), ("professional", name))]
        return Message.build(text, "book_appointment", entities=entities)


    examples = [message(service, name) for service in ("corte", "barba", "unha", "escova")
                for name in ("Ana", "Carla", "Denise")]
    examples += [Message.build(text, "greet") for text in ("oi", "bom dia", "tudo bem com a senhora?")]
    config = BrazilianEntityExtractor.get_default_config()
    BrazilianEntityExtractor.create(config, Storage(), "model", None).train(TrainingData(examples))
    extractor = BrazilianEntityExtractor.load(config, Storage(), "model", None)
    assert not folder.exists()
    for _ in range(50):
        gc.collect()
        others = [bytes([255]) * size for size in range(1000, 200_000, 500)]  # writes over whatever was freed
        found = extractor._entities("quero marcar corte com a Ana", "book_appointment")
        assert [(e["entity"], e["value"]) for e in found] == [("service", "corte"), ("professional", "Ana")], found
""")


def test_the_loaded_model_outlives_the_files_and_bytes_it_came_from(tmp_path):
    """In a process of its own: what was read from freed memory does not fail, it kills."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "model")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
