"""Flow 2: the catalogue on the phone."""

import subprocess
import sys

from tests.journeys.people import until


def interest(records, code):
    """(views, liked, disliked) of a service so far."""
    return records.rows("SELECT coalesce(sum(views), 0), coalesce(sum(liked), 0), coalesce(sum(disliked), 0) "
                        "FROM service_interest i JOIN services s ON s.id = i.service_id WHERE s.code = :code",
                        code=code)[0]


def test_the_services_are_a_list_with_headings_names_and_prices(carla):
    carla.tap("✨ Ver serviços", "Olha o que a gente faz")
    bubble = carla.heard[-1]
    assert bubble.kind == "list" and bubble.list_button == "Ver serviços"
    assert all("R$" in words and ("min" in words or "h" in words)
               for title, words in bubble.descriptions.items() if title != "Ver mais")
    seen = {title: section for section, titles in bubble.sections.items() for title in titles}
    while "Ver mais" in carla.options:
        carla.phone.tap("Ver mais")
        carla.hear()
        seen.update({title: section for section, titles in carla.heard[-1].sections.items() for title in titles})
    seen.pop("Ver mais", None)
    assert len(seen) == 15
    assert (seen["Escova"], seen["Barba"], seen["Manicure"], seen["Massagem relaxante"]) == (
        "Cabelo", "Barbearia", "Unhas", "Estética")


def test_from_the_list_to_the_details_and_back_and_to_a_booking(carla, records):
    views = interest(records, "coloracao")[0]
    carla.tap("✨ Ver serviços", "Olha o que a gente faz")
    carla.tap("Coloração", "Tintura completa", "R$ 180", "1h30", "Não lave o cabelo no dia")
    assert carla.options == ["Agendar este serviço", "Ver outro serviço", "Voltar ao menu"]
    until(lambda: interest(records, "coloracao")[0] == views + 1, "the view is counted")
    details = carla.heard[-1]
    carla.tap("Ver outro serviço", "Olha o que a gente faz")
    carla.phone.tap("Voltar ao menu", details)
    carla.hear("O que você quer fazer?")
    carla.say("como é a coloração?", "Tintura completa")
    carla.tap("Agendar este serviço", "Deseja adicionar outro", "Coloração")
    assert carla.session["state"] == "SERVICE_SELECTED"
    assert carla.session["services"] == ["coloracao"]


def test_a_reaction_to_a_description_is_counted(carla, records):
    _, liked, disliked = interest(records, "luzes")
    carla.say("como é a luzes?", "Mechas com touca")
    carla.phone.react("👍", carla.heard[-1])
    until(lambda: interest(records, "luzes")[1] == liked + 1, "the like is counted")
    carla.say("como é a luzes?", "Mechas com touca")
    carla.phone.react("👎", carla.heard[-1])
    until(lambda: interest(records, "luzes")[2] == disliked + 1, "the dislike is counted")


def test_a_new_price_is_told_as_soon_as_the_file_is_loaded(system, carla, records, tmp_path):
    from tests.conftest import ROOT

    def load(path):
        done = subprocess.run([sys.executable, "-m", "marcai", "tenant", "load", str(path)], env=system.env, text=True,
                              capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr

    original = ROOT / "tenants" / "bela-vista.yml"
    carla.say("quanto custa a hidratação?", "R$ 80")
    assert 0 < records.redis.ttl("catalogue:bela-vista") <= 300
    changed = tmp_path / "salon.yml"
    changed.write_text(original.read_text(encoding="utf-8").replace('price: "80.00"', 'price: "84.90"'), "utf-8")
    load(changed)
    try:
        carla.say("quanto custa a hidratação?", "R$ 84,90")
    finally:
        load(original)
    carla.say("quanto custa a hidratação?", "R$ 80")
