"""The calendar of an establishment's professionals: who does what, when they work, and when they are off.

Offered as parts of one SQL statement, so that whoever needs allocations too (scheduling) reads all of it in one round
trip. Rows are ``(kind, staff_id, ids, a, b, c)``; times are whole minutes since 1970, rounded outwards.
"""

from __future__ import annotations

# `who`: the active professionals; `ids` are those of the asked services that each one does, null when none.
WHO = """
who AS MATERIALIZED (
    SELECT s.id, s.position, s.code,
           array_agg(v.id) FILTER (WHERE v.id = ANY(CAST(:services AS uuid[]))) AS ids,
           min(v.duration + v.cleanup) FILTER (WHERE v.active) AS shortest
      FROM staff s
      JOIN staff_services ss ON ss.staff_id = s.id
      JOIN services v ON v.id = ss.service_id
     WHERE s.tenant_id = :tenant AND s.active
     GROUP BY s.id
)"""

# kind `staff`: a[1] = minutes of her shortest service, in the order in which the establishment lists them
# kind `shift`: a = weekdays, b = starts, c = ends, in local minutes past midnight
# kind `off`:   a = starts, b = ends; staff_id is null for the whole establishment
ROWS = """
SELECT 'staff' AS kind, id AS staff_id, ids, ARRAY[coalesce(shortest, 0), position] AS a,
       NULL::int[] AS b, NULL::int[] AS c
  FROM who
UNION ALL
SELECT 'shift', h.staff_id, NULL, array_agg(h.weekday), array_agg((extract(epoch FROM h.starts) / 60)::int),
       array_agg((extract(epoch FROM h.ends) / 60)::int)
  FROM shifts h JOIN who ON who.id = h.staff_id
 GROUP BY h.staff_id
UNION ALL
SELECT 'off', o.staff_id, NULL, array_agg(floor(extract(epoch FROM o.starts_at) / 60)::int),
       array_agg(ceil(extract(epoch FROM o.ends_at) / 60)::int), NULL
  FROM time_off o
 WHERE o.tenant_id = :tenant AND o.unit_id IS NULL AND o.ends_at > :since AND o.starts_at < :until
 GROUP BY o.staff_id"""
