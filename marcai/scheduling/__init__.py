"""Availability, the plan of a visit, and the holds that no two customers can share."""
