"""A small establishment for tests of the conversation: no database, no files."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_DNS, uuid5
from zoneinfo import ZoneInfo

from marcai.catalogue.service import ServiceInfo
from marcai.conversation.salon import Salon
from marcai.staff.service import StaffInfo
from marcai.tenants.service import Policy, TenantInfo

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))  # a Monday


def identity(name: str):
    """A stable id for a name."""
    return uuid5(NAMESPACE_DNS, name)


def service(code: str, name: str, price: str = "50.00", duration: int = 30, aliases=(), incompatible=()) -> ServiceInfo:
    """A service with sensible defaults."""
    return ServiceInfo(
        id=identity(code), code=code, name=name, category="Cabelo", price=Decimal(price), duration=duration, cleanup=0,
        description="", preparation=None, image_url=None, aliases=tuple(aliases),
        incompatible_with=frozenset(incompatible),
    )


SERVICES = (
    service("corte-feminino", "Corte feminino", "90.00", 60, ["corte", "cortar o cabelo"]),
    service("corte-masculino", "Corte masculino", "55.00", 30, ["corte", "cortar o cabelo"]),
    service("barba", "Barba", "40.00", 30),
    service("escova", "Escova", "70.00", 45, incompatible=["progressiva"]),
    service("progressiva", "Escova progressiva", "280.00", 150, ["progressiva"], incompatible=["escova"]),
    service("sobrancelha", "Design de sobrancelha", "45.00", 30, ["sobrancelha"]),
    service("manicure", "Manicure", "35.00", 40, ["unha", "fazer a mão"]),
    service("pedicure", "Pedicure", "40.00", 45, ["pé"]),
)

STAFF = (
    StaffInfo(identity("ana"), "ana", "Ana Souza", frozenset({identity("corte-feminino"), identity("escova")})),
    StaffInfo(identity("bruno"), "bruno", "Bruno Lima", frozenset({identity("corte-masculino"), identity("barba")})),
)

TENANT = TenantInfo(
    id=identity("tenant"), slug="teste", name="Salão de Teste", timezone="America/Sao_Paulo", locale="pt_BR",
    currency="BRL", phone_number_id="1", display_phone_number="+55 11 4000-0001", address="Rua A, 1",
    business_hours_note="Terça a sábado", holidays="BR-SP", policy=Policy(),
)

SALON = Salon(TENANT, SERVICES, STAFF, NOW)
