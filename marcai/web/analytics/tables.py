"""The figures as tables: for the page with words and plots, for CSV with the codes as they are in the database."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from marcai.analytics import figures, queries
from marcai.analytics.scope import Scope
from marcai.web.analytics import plots
from marcai.web.analytics.labels import words


@dataclass(frozen=True)
class Column:
    """One column: its name in CSV, its title, and how its values are shown.

    `kind` is count, share, minutes, day, text, or one of the kinds of `labels.words`.
    """

    name: str
    title: str
    kind: str = "count"

    @property
    def numeric(self) -> bool:
        """Whether it stands to the right."""
        return self.kind in ("count", "share", "minutes")

    def show(self, value: Any) -> str:
        """A value as a person in Brazil reads it."""
        if value is None:
            return "–"
        if self.kind == "count":
            return f"{int(value):,}".replace(",", ".")
        if self.kind == "share":
            return f"{value * 100:.0f}%"
        if self.kind == "minutes":
            return f"{value:.0f} min"
        if self.kind == "day":
            return f"{value:%d/%m/%y}"
        return str(value) if self.kind == "text" else words(self.kind, value)


@dataclass(frozen=True)
class Table:
    """One table, with the plot beside it if there is anything to draw."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    plot: plots.Plot | None = None
    folded: bool = False  # long: behind "show the table"
    empty: str = field(default="Nada neste período.")

    def shown(self) -> list[list[str]]:
        """The rows in words."""
        return [[column.show(value) for column, value in zip(self.columns, row, strict=True)] for row in self.rows]

    def csv(self) -> str:
        """The table for programs (RFC 4180): codes, plain numbers, ISO dates; no cell is taken for a formula."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([column.name for column in self.columns])
        for row in self.rows:
            writer.writerow([_cell(value) for value in row])
        return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def _share(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


class Report:
    """All tables of one look; each runs its own statement, within one transaction."""

    def __init__(self, session: Session, scope: Scope) -> None:
        """Reads nothing yet."""
        self._session, self.scope = session, scope

    def _rows(self, statement: str) -> list[Any]:
        return queries.run(self._session, statement, self.scope)

    @cached_property
    def _sessions(self) -> list[Any]:
        return self._rows(queries.SESSIONS)

    @cached_property
    def totals(self) -> figures.Totals:
        """The figures on top of the page."""
        return figures.totals(self._sessions)

    def table(self, name: str) -> Table:
        """One table by its name.

        Raises:
            KeyError: there is none.
        """
        return TABLES[name](self)

    def funnel(self) -> Table:
        """How far sessions came."""
        found = figures.funnel(self._sessions)
        if self.scope.flow is not None:
            found = [row for row in found if row[0] == self.scope.flow]
        begun = max((reached for _, reached, _ in figures.funnel(self._sessions)), default=0)
        rows = [(flow, reached, left, _share(left, reached), _share(reached, begun)) for flow, reached, left in found] \
            if begun else []
        drawn = [(words("flow", flow), (reached - left, left), f"{reached} · {of_all:.0%}")
                 for flow, reached, left, _, of_all in rows]
        return Table(
            "funnel", "Funil por fluxo", "Conversas que chegaram ao menos até cada fluxo, e as que pararam nele.",
            (Column("flow", "Fluxo", "flow"), Column("reached", "Chegaram"), Column("abandoned", "Pararam aqui"),
             Column("drop_off", "Perda", "share"), Column("of_begun", "Do início", "share")),
            rows, plots.bars("Funil por fluxo", drawn, ("seguiram ou em curso", "pararam aqui")))

    def steps(self) -> Table:
        """Each step of each flow."""
        rows = [(flow, step, reached, left, _share(left, reached))
                for flow, step, reached, left in figures.in_order(self._rows(queries.STEPS))]
        drawn = [(words("step", step), (max(reached - left, 0), left),
                  f"{reached} · −{lost:.0%}" if left else str(reached)) for _, step, reached, left, lost in rows]
        return Table(
            "steps", "Etapas", "Conversas em que cada pergunta foi feita, e as que pararam nela.",
            (Column("flow", "Fluxo", "flow"), Column("step", "Etapa", "step"), Column("reached", "Chegaram"),
             Column("abandoned", "Pararam aqui"), Column("drop_off", "Perda", "share")),
            rows, plots.bars("Etapas", drawn, ("seguiram ou em curso", "pararam aqui")))

    def reasons(self) -> Table:
        """Why sessions were given up."""
        sums: dict[str, int] = {}
        for row in self._abandonments:
            sums[row.reason] = sums.get(row.reason, 0) + row.sessions
        rows = [(reason, count, _share(count, sum(sums.values())))
                for reason, count in sorted(sums.items(), key=lambda item: -item[1])]
        return Table(
            "reasons", "Abandonos por motivo", "O que aconteceu por último nas conversas sem conclusão.",
            (Column("reason", "Motivo", "reason"), Column("sessions", "Conversas"), Column("share", "Parte", "share")),
            rows, plots.bars("Abandonos por motivo", [(words("reason", reason), (count,), f"{count} · {share:.0%}")
                                                      for reason, count, share in rows]))

    @cached_property
    def _abandonments(self) -> list[Any]:
        return self._rows(queries.ABANDONMENTS)

    def abandonments(self) -> Table:
        """Where, why and after what."""
        return Table(
            "abandonments", "Pontos de abandono", "Fluxo, etapa, motivo e a última intenção da cliente.",
            (Column("flow", "Fluxo", "flow"), Column("step", "Etapa", "step"), Column("reason", "Motivo", "reason"),
             Column("last_intent", "Última intenção", "intent"), Column("sessions", "Conversas")),
            [tuple(row) for row in self._abandonments], folded=len(self._abandonments) > 12)

    def abandoned_by_day(self) -> Table:
        """Sessions given up, over time."""
        return self._over_time(
            "abandoned_by_day", "Abandonos no tempo", "Pelo dia em que a conversa começou.",
            queries.ABANDONED_BY_DAY, [("sessions", "Conversas abandonadas")])

    def missed_by_day(self) -> Table:
        """Messages that were not understood, over time and by level."""
        return self._over_time(
            "missed_by_day", "Mensagens não compreendidas no tempo", "Por nível: seguidas, na mesma conversa.",
            queries.MISSED_BY_DAY, [("first", "1ª vez"), ("second", "2ª vez"), ("third", "3ª ou mais")])

    def confusions(self) -> Table:
        """Between what the assistant hesitated."""
        return Table(
            "confusions", "Maiores confusões", "O que a mensagem parecia, e o que a cliente fez em seguida.",
            (Column("guess", "Parecia", "intent"), Column("rival", "Ou", "intent"), Column("messages", "Mensagens"),
             Column("confidence", "Confiança", "share"), Column("afterwards", "Depois, em geral", "intent")),
            [tuple(row) for row in self._rows(queries.CONFUSIONS)])

    def levels(self) -> Table:
        """How sessions with misunderstandings ended."""
        rows = [(one.level, one.sessions, one.booked, one.abandoned, one.handed_off, _share(one.booked, one.sessions))
                for one in figures.levels(self._sessions) if self.totals.missed]
        return Table(
            "levels", "Níveis de recuperação", "O pior momento de cada conversa, e como ela terminou.",
            (Column("level", "Nível", "level"), Column("sessions", "Conversas"), Column("booked", "Agendaram"),
             Column("abandoned", "Abandonaram"), Column("handed_off", "Foram para pessoa"),
             Column("booked_share", "Recuperadas", "share")),
            rows, plots.bars("Níveis de recuperação",
                             [(words("level", row[0]), (row[2], row[1] - row[2]), str(row[1])) for row in rows],
                             ("agendaram", "não agendaram")))

    def handoffs(self) -> Table:
        """Requests for a person."""
        return Table(
            "handoffs", "Pedidos de atendimento", "Espera: a mediana até uma pessoa assumir.",
            (Column("reason", "Motivo", "handoff_reason"), Column("requests", "Pedidos"),
             Column("taken", "Atendidos"), Column("gone", "Voltaram ao bot"), Column("open", "Abertos"),
             Column("minutes", "Espera", "minutes")),
            [tuple(row) for row in self._rows(queries.HANDOFFS)])

    def suggestions(self) -> Table:
        """What became of alternatives."""
        rows = [(*row, _share(row.booked, row.offered)) for row in self._rows(queries.SUGGESTIONS)]
        return Table(
            "suggestions", "Alternativas oferecidas", "Quando o horário desejado não estava livre.",
            (Column("kind", "Tipo", "kind"), Column("offered", "Oferecidas"), Column("held", "Horário escolhido"),
             Column("booked", "Agendadas"), Column("conversion", "Conversão", "share")),
            rows, plots.bars("Alternativas oferecidas",
                             [(words("kind", row[0]), (row[3], max(row[1] - row[3], 0)), f"{row[3]} de {row[1]}")
                              for row in rows], ("agendadas", "sem agendamento")))

    def collisions(self) -> Table:
        """Starts that somebody else had just taken."""
        return Table(
            "collisions", "Colisões de horário", "O horário escolhido acabava de ser reservado por outra pessoa.",
            (Column("round", "Tentativa", "round"), Column("collisions", "Colisões"), Column("booked", "Agendou outro"),
             Column("abandoned", "Desistiu"), Column("open", "Em aberto")),
            [tuple(row) for row in self._rows(queries.COLLISIONS)])

    def services(self) -> Table:
        """What is looked at, and what is booked."""
        rows = [tuple(row) for row in self._rows(queries.SERVICES)]
        return Table(
            "services", "Serviços: vistos e agendados", "Detalhes vistos, itens agendados, e 👍 👎 nos detalhes.",
            (Column("service", "Serviço", "text"), Column("views", "Vistos"), Column("booked", "Agendados"),
             Column("liked", "👍"), Column("disliked", "👎")), rows, folded=len(rows) > 12)

    def notifications(self) -> Table:
        """Whether notifications arrive."""
        rows = [(*row, _share(row.delivered, row.messages)) for row in self._rows(queries.NOTIFICATIONS)]
        return Table(
            "notifications", "Entrega de notificações", "Confirmações, lembretes e avisos enviados.",
            (Column("kind", "Tipo", "notification"), Column("messages", "Enviadas"), Column("delivered", "Entregues"),
             Column("read", "Lidas"), Column("failed", "Falharam"), Column("under_way", "Em curso"),
             Column("delivery_rate", "Entrega", "share")), rows)

    def bookings_by_day(self) -> Table:
        """Bookings, over time."""
        return self._over_time(
            "bookings_by_day", "Agendamentos no tempo", "Pelo dia em que foram feitos.", queries.BOOKINGS,
            [("kept", "Feitos"), ("cancelled", "Depois cancelados")])

    def _over_time(self, name: str, title: str, note: str, statement: str, wanted: list[tuple[str, str]]) -> Table:
        found = {row.day: row._asdict() for row in self._rows(statement)}
        for row in found.values():
            row["kept"] = row.get("made", 0) - row.get("cancelled", 0)
        days = list(self.scope.buckets())
        series = [(label, [int(found.get(day, {}).get(key, 0)) for day in days]) for key, label in wanted]
        plot = plots.columns(title, [f"{day:%d/%m}" for day in days], series)
        first = "week" if self.scope.bucket == "week" else "day"
        columns = [Column(first, "Semana de" if first == "week" else "Dia", "day"),
                   *[Column(key, label) for key, label in wanted]]
        rows = list(zip(days, *(values for _, values in series), strict=True)) if plot else []
        return Table(name, title, note, columns, rows, plot, folded=True)


TABLES: dict[str, Callable[[Report], Table]] = {
    method.__name__: method for method in (
        Report.funnel, Report.steps, Report.reasons, Report.abandoned_by_day, Report.abandonments,
        Report.missed_by_day, Report.levels, Report.confusions, Report.handoffs, Report.suggestions,
        Report.collisions, Report.services, Report.notifications, Report.bookings_by_day)
}

SECTIONS: tuple[tuple[str, Iterable[str]], ...] = (
    ("Onde as conversas param", ("funnel", "steps", "reasons", "abandoned_by_day", "abandonments")),
    ("O que não é compreendido", ("missed_by_day", "levels", "confusions", "handoffs")),
    ("Agenda", ("bookings_by_day", "suggestions", "collisions", "services", "notifications")),
)
