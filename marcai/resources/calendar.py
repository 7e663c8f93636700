"""The calendar of an establishment's rooms and equipment: which units there are, and when they are off.

Offered as parts of one SQL statement, with rows like those of `marcai.staff.calendar`, for whoever needs both.
"""

from __future__ import annotations

# `units`: the active units of the resources that are needed.
UNITS = """
units AS MATERIALIZED (
    SELECT u.id, u.code, u.number
      FROM resource_units u
     WHERE u.tenant_id = :tenant AND u.active AND u.code = ANY(CAST(:needs AS text[]))
)"""

# kind `unit`: a = the resource's place among those needed, from 1, and the unit's number
# kind `off`:  a = starts, b = ends
ROWS = """
SELECT 'unit', id, NULL, ARRAY[array_position(CAST(:needs AS text[]), code), number], NULL, NULL
  FROM units
UNION ALL
SELECT 'off', o.unit_id, NULL, array_agg(floor(extract(epoch FROM o.starts_at) / 60)::int),
       array_agg(ceil(extract(epoch FROM o.ends_at) / 60)::int), NULL
  FROM time_off o JOIN units ON units.id = o.unit_id
 WHERE o.tenant_id = :tenant AND o.ends_at > :since AND o.starts_at < :until
 GROUP BY o.unit_id"""

# For each unit of :ids, wanted from :starts to :until, all active units of its resource that are not off in that time,
# itself among them; `place` says which of the wanted, from 1.
EQUAL = """
SELECT wanted.place, equal.id AS unit_id
  FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:until AS timestamptz[]))
       WITH ORDINALITY AS wanted (id, starts, until, place)
  JOIN resource_units own ON own.id = wanted.id
  JOIN resource_units equal ON equal.tenant_id = own.tenant_id AND equal.code = own.code AND equal.active
 WHERE NOT EXISTS (SELECT FROM time_off o
                    WHERE o.unit_id = equal.id AND o.ends_at > wanted.starts AND o.starts_at < wanted.until)"""
