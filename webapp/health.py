"""Whether the parts of the site answer, for load balancers and `make up`."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from webapp.workers import living_workers, redis_is_reachable


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 where database and Redis answer, else 503; the queues that have a living worker beside it."""
    parts = {"database": _database_answers(), "redis": redis_is_reachable()}
    queues = sorted({queue for worker in living_workers() for queue in worker.queues})
    return JsonResponse({**parts, "queues": queues}, status=200 if all(parts.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
