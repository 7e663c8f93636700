"""The page's words for the codes in the tables."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

DOMAIN = Path("domain.yml")  # in the directory that every process starts in

WORDS: dict[str, dict[str, str]] = {
    "flow": {
        "identification": "Identificação", "catalogue": "Catálogo", "package": "Pacote", "schedule": "Dia e horário",
        "confirmation": "Confirmação", "booked": "Agendou", "appointments": "Meus agendamentos",
    },
    "step": {
        "name": "Nome", "list": "Lista de serviços", "details": "Detalhes do serviço", "service": "Qual serviço",
        "which_service": "Serviço em dúvida", "add_another": "Mais algum?", "another_service": "Outro serviço",
        "package": "Conferir pacote", "change_package": "Mudar pacote", "two_visits": "Duas visitas", "date": "Dia",
        "time": "Horário", "professional": "Profissional", "booking": "Resumo", "change_booking": "Mudar resumo",
        "booked": "Agendou", "cancel": "Cancelar agendamento",
        "which_to_cancel": "Qual cancelar", "which_to_move": "Qual remarcar",
    },
    "reason": {
        "timeout": "Parou de responder", "stop": "Desistiu", "fallback": "Não foi compreendida",
        "handoff": "Foi para uma pessoa", "lost_window": "Resposta não chegou",
    },
    "handoff_reason": {
        "asked": "Pediu uma pessoa", "not_understood": "Não foi compreendida", "complaint": "Reclamação",
    },
    "kind": {
        "next_dates": "Próximas datas", "nearby_days": "Dias próximos", "other_professionals": "Outros profissionais",
        "other_times": "Outros horários", "near_30": "±30 minutos", "near_60": "±60 minutos",
    },
    "notification": {
        "booking.confirmed": "Confirmação", "booking.cancelled": "Cancelamento", "booking.rescheduled": "Remarcação",
        "reminder.24h": "Lembrete de 24 h", "reminder.2h": "Lembrete de 2 h", "payment.processed": "Pagamento",
    },
    "level": {"1": "1ª vez: sugestões", "2": "2ª vez: menu", "3": "3ª ou mais: ajuda"},
    "round": {"1": "1ª (±30 minutos)", "2": "2ª (±60 minutos)", "3": "3ª ou mais"},
    "intent": {  # those that the assistant has no words of its own for
        "affirm": "Sim", "back_to_bot": "Voltar ao assistente", "ask_duration": "Saber a duração",
        "bot_challenge": "É um robô?", "complain": "Reclamar", "continue_booking": "Continuar",
        "delete_my_data": "Apagar dados", "deny": "Não", "expired_option": "Opção antiga",
        "export_my_data": "Copiar dados", "give_feedback": "Avaliar", "goodbye": "Despedida", "greet": "Saudação",
        "inform": "Informar escolha", "late_message": "Mensagem atrasada", "main_menu": "Menu",
        "media_message": "Áudio ou imagem", "nlu_fallback": "(não compreendida)", "opt_in": "Aceitar avisos",
        "opt_out": "Recusar avisos", "other_professional": "Outro profissional", "other_times": "Outros horários",
        "out_of_scope": "Outro assunto", "provide_name": "Dizer o nome", "repeat_appointment": "Repetir agendamento",
        "resume": "Retomar", "running_late": "Vou atrasar", "service_details": "Detalhes do serviço",
        "stop": "Desistir", "thank": "Agradecer",
    },
}


def words(kind: str, code: Any) -> str:
    """The word for a code; the code itself where there is none."""
    if code is None:
        return "–"
    if kind == "intent":
        return _meanings().get(str(code), str(code))
    return WORDS[kind].get(str(code), str(code))


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    """What an intent means, in the words that the assistant itself uses when it asks."""
    try:
        responses = yaml.safe_load(DOMAIN.read_text(encoding="utf-8")).get("responses") or {}
    except (OSError, yaml.YAMLError, AttributeError):
        responses = {}
    found = {name.removeprefix("utter_meaning_"): said[0]["text"] for name, said in responses.items()
             if name.startswith("utter_meaning_") and said and said[0].get("text")}
    return {**WORDS["intent"], **found}
