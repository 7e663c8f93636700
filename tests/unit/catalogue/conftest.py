"""Catalogues of four establishments, made from their files without a database."""

from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from marcai.catalogue.service import ServiceInfo
from marcai.tenants.file import read_file

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "salon": ROOT / "tenants" / "bela-vista.yml",
    "dentist": ROOT / "tests" / "data" / "sorriso-claro.yml",
    "pets": ROOT / "tests" / "data" / "bicho-feliz.yml",
    "tattoo": ROOT / "tests" / "data" / "agulha-fina.yml",
}


@pytest.fixture(scope="session")
def catalogues():
    """The services of each establishment, by its trade."""
    return {
        trade: tuple(ServiceInfo(id=uuid5(NAMESPACE_URL, f"{trade}/{entry.code}"), **vars(entry))
                     for entry in read_file(path).services)
        for trade, path in FILES.items()
    }
