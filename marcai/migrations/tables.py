"""Every table of the project, imported once so that migrations and tests see the whole schema."""

from marcai.analytics import models as analytics
from marcai.bookings import models as bookings
from marcai.catalogue import models as catalogue
from marcai.customers import models as customers
from marcai.handoff import models as handoff
from marcai.notifications import models as notifications
from marcai.platform import events, idempotency
from marcai.platform.database import Base
from marcai.resources import models as resources
from marcai.scheduling import models as scheduling
from marcai.staff import models as staff
from marcai.tenants import models as tenants
from marcai.whatsapp import models as whatsapp

metadata = Base.metadata

__all__ = ["analytics", "bookings", "catalogue", "customers", "events", "handoff", "idempotency", "metadata",
           "notifications", "resources", "scheduling", "staff", "tenants", "whatsapp"]
